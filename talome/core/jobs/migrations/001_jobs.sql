CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    scope TEXT NOT NULL,            -- who may see it
    arguments TEXT NOT NULL,        -- JSON, enough to run it again
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'undoing', 'done', 'failed', 'cancelled')),
    stage TEXT,
    done INTEGER,
    total INTEGER,
    unit TEXT,
    reason TEXT,
    started_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

CREATE INDEX jobs_created ON jobs (created_at DESC);
CREATE INDEX jobs_open ON jobs (state) WHERE finished_at IS NULL;

CREATE TABLE job_steps (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    arguments TEXT NOT NULL,        -- JSON
    state TEXT NOT NULL CHECK (state IN ('started', 'done', 'undone')),
    result TEXT,                    -- JSON, what the step returned
    PRIMARY KEY (job_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_log (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (job_id, number)
) STRICT, WITHOUT ROWID;
