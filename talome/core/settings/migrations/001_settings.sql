CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,        -- JSON; a sealed text where the setting is secret
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE settings_history (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    old TEXT,                   -- JSON, null where it was the default; never the value of a secret
    new TEXT,
    at INTEGER NOT NULL,
    by TEXT NOT NULL
) STRICT;

CREATE INDEX settings_history_at ON settings_history (at DESC);
