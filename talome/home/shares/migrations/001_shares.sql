CREATE TABLE share_links (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,        -- SHA-256 of the token in the address
    user_id TEXT NOT NULL,              -- by whose rights it works
    made_by TEXT NOT NULL,
    path TEXT NOT NULL,                 -- as on the wire, with the root
    name TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- download, drop
    password TEXT,                      -- argon2
    expires_at INTEGER,                 -- milliseconds since 1970, as all times here
    most_downloads INTEGER,
    downloads INTEGER NOT NULL DEFAULT 0,
    uploads INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX share_links_by_user ON share_links (user_id, created_at);

CREATE TABLE dav_properties (
    root TEXT NOT NULL,
    path TEXT NOT NULL,                 -- below the root, as on the wire; empty: the root itself
    name TEXT NOT NULL,                 -- {namespace}local
    value TEXT NOT NULL,                -- the element, as XML
    PRIMARY KEY (root, path, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE smb_users (
    user_id TEXT PRIMARY KEY,           -- who has a password for network folders
    name TEXT NOT NULL UNIQUE,          -- in the network
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
