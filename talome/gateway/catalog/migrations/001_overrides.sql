CREATE TABLE catalog_overrides (
    provider TEXT NOT NULL,
    id TEXT NOT NULL,                   -- the provider's own name of the model
    change TEXT NOT NULL,               -- JSON: only the fields that an administrator wrote
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (provider, id)
) STRICT, WITHOUT ROWID;
