CREATE TABLE users (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,      -- folded, so that Ada and ada are one person
    display_name TEXT,
    role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
    permissions TEXT NOT NULL,              -- JSON array of scopes; empty for administrators
    password_hash TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    rights_revision INTEGER NOT NULL DEFAULT 0,   -- a session of an older revision is worth nothing
    created_at INTEGER NOT NULL,
    last_login_at INTEGER
) STRICT;

CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    PRIMARY KEY (user_id, digest)
) STRICT, WITHOUT ROWID;

-- Raised with each of them, also by the offline password reset, so that a running server notices.
CREATE TABLE rights_revision (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    revision INTEGER NOT NULL
) STRICT;

INSERT INTO rights_revision VALUES (1, 0);
