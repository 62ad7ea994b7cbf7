CREATE TABLE registries (
    host TEXT PRIMARY KEY,              -- as in the names of images, such as ghcr.io or 192.168.1.5:5000
    username TEXT NOT NULL,
    sealed TEXT NOT NULL,               -- the password
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    succeeded_at INTEGER,
    failed_at INTEGER,
    failure TEXT                        -- in words, what the registry said last when it did not let us in
) STRICT, WITHOUT ROWID;
