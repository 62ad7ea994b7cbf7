CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,              -- whose it is; of another file, so nothing refers to it
    workspace TEXT,                     -- of the key that made it: only what happens there is told
    sealed TEXT NOT NULL,               -- the address (it often holds a token) and the signing secret
    events TEXT NOT NULL,               -- JSON: names
    created_at INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,        -- attempts in a row that failed
    hold_until INTEGER NOT NULL DEFAULT 0,      -- nothing is sent before
    paused_at INTEGER,
    pause_reason TEXT NOT NULL DEFAULT '',
    last_ok_at INTEGER,
    missed INTEGER NOT NULL DEFAULT 0           -- events that found no room to wait
) STRICT;

CREATE INDEX webhooks_user ON webhooks (user_id, created_at);

CREATE TABLE webhook_events (           -- committed with the change that they tell of, and gone once handed out
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    space TEXT NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE webhook_deliveries (
    id TEXT PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    space TEXT NOT NULL,
    body TEXT NOT NULL,                 -- the exact bytes of every attempt
    state TEXT NOT NULL,                -- waiting, delivered, failed
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,        -- of the event
    last_at INTEGER,
    status INTEGER,                     -- of the last answer
    took_ms INTEGER,
    error TEXT NOT NULL DEFAULT '',
    UNIQUE (webhook_id, event_id)
) STRICT;

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, due_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_log ON webhook_deliveries (webhook_id, created_at DESC, id DESC);
