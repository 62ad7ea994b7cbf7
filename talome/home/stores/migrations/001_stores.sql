CREATE TABLE stores (
    id TEXT PRIMARY KEY,
    kind TEXT,                          -- null: found out at the first sync
    name TEXT NOT NULL,
    url TEXT NOT NULL,                  -- a folder of this machine begins with /
    branch TEXT NOT NULL DEFAULT '',
    sealed TEXT,                        -- the token
    enabled INTEGER NOT NULL DEFAULT 1,
    bundled INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL,
    folder TEXT,                        -- of the current sync, below stores/<id>
    upstream TEXT NOT NULL DEFAULT '',  -- what names the fetched state: a commit, an ETag, a digest
    reading TEXT NOT NULL DEFAULT '',   -- digest of what is shared by all its apps, and of the readers
    tried_at INTEGER,
    synced_at INTEGER,
    failure TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE catalog_apps (
    store_id TEXT NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    path TEXT NOT NULL,                 -- the app's folder in the store
    hash TEXT NOT NULL,                 -- of the names and bytes of all that is in it
    app_id TEXT,                        -- null where it cannot be read
    summary TEXT,                       -- JSON: what a list shows
    manifest TEXT,                      -- JSON: all of it
    reason TEXT,                        -- why it cannot be read
    PRIMARY KEY (store_id, path)
) STRICT;

CREATE INDEX catalog_apps_app ON catalog_apps (store_id, app_id);
