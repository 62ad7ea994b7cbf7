CREATE TABLE storage_mounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,          -- of the folder that it is mounted on
    kind TEXT NOT NULL,                 -- device, nfs, cifs
    source TEXT NOT NULL,               -- the UUID of a file system, host:/export, //host/share
    version TEXT NOT NULL,              -- of the protocol; empty: the best that both sides know
    username TEXT NOT NULL,
    domain TEXT NOT NULL,
    sealed TEXT NOT NULL,               -- the password; empty: none
    read_only INTEGER NOT NULL,
    at_start INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
