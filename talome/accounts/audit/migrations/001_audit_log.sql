CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,            -- the user's name at that time
    actor_id TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    key_id TEXT,
    ip TEXT NOT NULL,
    operation TEXT NOT NULL,
    risk TEXT NOT NULL,
    arguments TEXT NOT NULL,        -- JSON, secrets masked
    outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'denied', 'failed')),
    status INTEGER NOT NULL,
    error TEXT,
    request_id TEXT NOT NULL
) STRICT;

CREATE INDEX audit_log_at ON audit_log (at);
CREATE INDEX audit_log_actor ON audit_log (actor_id, id);
CREATE INDEX audit_log_operation ON audit_log (operation, id);
