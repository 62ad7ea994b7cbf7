CREATE TABLE submissions (
    id TEXT PRIMARY KEY,
    app TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    store TEXT,                         -- null: for no store of this house
    how TEXT NOT NULL,                  -- folder, patch
    given_by TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
