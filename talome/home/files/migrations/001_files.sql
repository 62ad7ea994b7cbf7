-- Folders of the machine that are open to people. `everyone` is none, read or write.
CREATE TABLE files_roots (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    folder TEXT NOT NULL UNIQUE,
    everyone TEXT NOT NULL,
    uid INTEGER,
    gid INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE files_grants (
    root TEXT NOT NULL REFERENCES files_roots (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    access TEXT NOT NULL,
    PRIMARY KEY (root, user_id)
) STRICT, WITHOUT ROWID;

-- `place` is where it lies in the trash, `path` where it lay, both below the folder of the root. The folder is kept too,
-- so that a root that is closed and opened again finds its trash. From `purge_at` on it goes for good.
CREATE TABLE files_trash (
    id TEXT PRIMARY KEY,
    folder TEXT NOT NULL,
    place TEXT NOT NULL,
    path TEXT NOT NULL,
    kind TEXT NOT NULL,
    size_bytes INTEGER,
    deleted_at INTEGER NOT NULL,
    deleted_by TEXT NOT NULL,
    purge_at INTEGER
) STRICT;
CREATE INDEX files_trash_by_folder ON files_trash (folder, deleted_at);

CREATE TABLE files_favourites (
    user_id TEXT NOT NULL,
    path TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE files_recents (
    user_id TEXT NOT NULL,
    path TEXT NOT NULL,
    action TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user_id, path)
) STRICT, WITHOUT ROWID;

-- Uploads that are not whole yet; how much of one is there, its unfinished file says.
CREATE TABLE files_uploads (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    folder TEXT NOT NULL,
    name TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    on_conflict TEXT NOT NULL,
    modified_at INTEGER,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX files_uploads_by_user ON files_uploads (user_id);
