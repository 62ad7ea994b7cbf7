CREATE TABLE studio_documents (
    id TEXT PRIMARY KEY,
    space TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- report, guide, spec
    title TEXT NOT NULL,
    instructions TEXT NOT NULL,
    model TEXT NOT NULL,
    sources TEXT NOT NULL,              -- JSON: ids of the sources to write from; empty: all that can be read
    state TEXT NOT NULL,                -- writing, ready, failed
    stage TEXT,
    done INTEGER,
    total INTEGER,
    problem TEXT,
    job_id TEXT,
    citations TEXT NOT NULL DEFAULT '[]',       -- JSON, by their numbers in the text
    dropped INTEGER NOT NULL DEFAULT 0,         -- citations of what the model was never given
    size_bytes INTEGER NOT NULL DEFAULT 0,
    added_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

CREATE INDEX studio_documents_space ON studio_documents (space, created_at);
