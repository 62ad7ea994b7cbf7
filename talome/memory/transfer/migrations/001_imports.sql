CREATE TABLE memory_imports (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- of the caller: what is imported is trusted as much as they are
    key_id TEXT,
    bound TEXT,                         -- the workspace that the caller's key is bound to
    workspace TEXT,                     -- where everything goes; NULL: where the file says
    allow_secrets INTEGER NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,                -- waiting, reading, storing, done, failed
    total INTEGER,
    done INTEGER NOT NULL DEFAULT 0,
    added INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    same INTEGER NOT NULL DEFAULT 0,
    left_out INTEGER NOT NULL DEFAULT 0,
    problems TEXT NOT NULL DEFAULT '[]', -- JSON: the first of what was left out, each with its reason
    problem TEXT,                       -- why the whole failed
    created_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

CREATE INDEX memory_imports_user ON memory_imports (user_id, created_at DESC);
