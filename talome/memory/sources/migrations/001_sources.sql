CREATE TABLE sources (
    id TEXT PRIMARY KEY,
    space TEXT NOT NULL,
    kind TEXT NOT NULL,                         -- upload, text, url, folder, repository
    title TEXT NOT NULL,
    origin TEXT NOT NULL,                       -- the file's name, the address, or the folder
    branch TEXT NOT NULL DEFAULT '',            -- of a repository
    type TEXT NOT NULL DEFAULT '',              -- as whoever sent it calls it: text/markdown
    external_source TEXT,
    external_id TEXT,
    sha256 TEXT NOT NULL DEFAULT '',            -- of what was read last; of a folder, of its names, sizes and times
    reader INTEGER NOT NULL DEFAULT 0,          -- the release of the readers that read it
    size_bytes INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL,                        -- waiting, reading, ready, failed, leaving
    stage TEXT,
    done INTEGER,
    total INTEGER,
    problem TEXT,                               -- why it failed
    problems TEXT NOT NULL DEFAULT '[]',        -- JSON: [path, reason] of files that could not be read
    job_id TEXT,
    watched INTEGER NOT NULL DEFAULT 0,
    allow_private INTEGER NOT NULL DEFAULT 0,
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    added_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    read_at INTEGER
) STRICT;

CREATE INDEX sources_space ON sources (space, created_at);
CREATE UNIQUE INDEX sources_external ON sources (space, external_source, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    path TEXT NOT NULL,                         -- within the source: the file, and the part of it
    file TEXT NOT NULL,                         -- the file alone
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL,                       -- of the file
    cut INTEGER NOT NULL,                       -- it is longer than what is kept
    whole INTEGER NOT NULL,                     -- all its chunks are there
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (source_id, path)
) STRICT;

CREATE INDEX documents_file ON documents (source_id, file);

CREATE TABLE chunks (
    id TEXT PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    text TEXT NOT NULL,
    heading TEXT NOT NULL,                      -- JSON, outermost first
    page INTEGER,
    line INTEGER
) STRICT;

CREATE INDEX chunks_document ON chunks (document_id, seq);
