CREATE TABLE push_subscriptions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest TEXT NOT NULL UNIQUE,        -- of the endpoint: one browser, one person
    sealed TEXT NOT NULL,               -- endpoint and keys
    device TEXT NOT NULL,
    everything INTEGER NOT NULL,        -- 0: only what needs attention
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;

CREATE INDEX push_subscriptions_user ON push_subscriptions (user_id);

CREATE TABLE push_keys (
    id TEXT PRIMARY KEY,
    sealed TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
