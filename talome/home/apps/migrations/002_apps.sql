-- An index of the folders below apps/: what is not here can be read there again.
CREATE TABLE apps (
    id TEXT PRIMARY KEY,                -- also its Compose project and its folder
    name TEXT NOT NULL,
    source TEXT NOT NULL,               -- in the catalog: store:app
    icon TEXT,
    version TEXT NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('installing', 'installed')),
    url TEXT,                           -- with {host} for the name that a person came by
    newer TEXT,                         -- what the store or the registries have, as far as it was looked up
    policy TEXT NOT NULL CHECK (policy IN ('manual', 'notify', 'automatic')),
    installed_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
