CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,                   -- the first characters, to recognise it by
    digest TEXT NOT NULL UNIQUE,            -- SHA-256 of the whole key
    scopes TEXT NOT NULL,                   -- JSON array
    workspace TEXT,
    requests_per_minute INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER
) STRICT;

CREATE INDEX api_keys_user ON api_keys (user_id);
