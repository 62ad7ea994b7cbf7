CREATE TABLE sessions (
    id TEXT PRIMARY KEY,                -- the token's jti
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    rights_revision INTEGER NOT NULL,   -- of the user when the session began; a later one voids it
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL
) STRICT;

CREATE INDEX sessions_user ON sessions (user_id);
