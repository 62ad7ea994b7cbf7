-- Can be thrown away at any time: it is read again from the folders.
CREATE TABLE roots (
    number     INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    path       BLOB NOT NULL,
    walk       INTEGER NOT NULL DEFAULT 0,   -- the walk that goes on, or was the last
    begun_at   INTEGER NOT NULL DEFAULT 0,   -- milliseconds
    ended_at   INTEGER                       -- NULL while it goes on
);
CREATE TABLE folders (
    id     INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: what is on its way to one must not meet another
    root   INTEGER NOT NULL REFERENCES roots (number),
    path   BLOB NOT NULL,                    -- below the root, empty for the root itself; names need not be UTF-8
    walk   INTEGER NOT NULL DEFAULT 0,       -- the last walk that has read it
    UNIQUE (root, path)
);
CREATE INDEX folders_walk ON folders (root, walk);
-- The id is the minute of the last change, shifted by 20 bits, and a number: the newest have the largest.
CREATE TABLE entries (
    id          INTEGER PRIMARY KEY,
    folder      INTEGER NOT NULL REFERENCES folders (id),
    name        BLOB NOT NULL,
    is_folder   INTEGER NOT NULL,
    size_bytes  INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    text_bytes  INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX entries_name ON entries (folder, name);
-- Words that are plain already; in `name` also one that stands for the root.
CREATE VIRTUAL TABLE names USING fts5 (
    name, folder, detail = column, prefix = '1 2', tokenize = 'unicode61 remove_diacritics 0'
);
CREATE VIRTUAL TABLE terms USING fts5vocab ('names', 'row');
CREATE VIRTUAL TABLE pieces USING fts5 (
    name, content = 'names', content_rowid = 'rowid', detail = none, tokenize = 'trigram'
);
CREATE VIRTUAL TABLE texts USING fts5 (root, text, tokenize = 'unicode61 remove_diacritics 2');
