CREATE TABLE workspaces (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    slug TEXT NOT NULL,                     -- what its owner calls it in requests: workspace_id
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'archived')),
    metadata TEXT NOT NULL,                 -- JSON object, for its owner
    monthly_budget_nano INTEGER,            -- billionths of a US dollar; NULL: no budget
    local_only INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (user_id, slug)
) STRICT;
