CREATE TABLE totp (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret TEXT NOT NULL,               -- sealed
    added_at INTEGER NOT NULL,
    last_used_at INTEGER,
    last_step INTEGER NOT NULL          -- of the latest code that was accepted; it and older ones are used up
) STRICT;

CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential_id TEXT NOT NULL UNIQUE, -- base64url, as the browser names it
    public_key TEXT NOT NULL,           -- base64url of the COSE key
    rp_id TEXT NOT NULL,                -- the host name it was made for; it works under no other
    sign_count INTEGER NOT NULL,
    name TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;

CREATE INDEX passkeys_user ON passkeys (user_id);
