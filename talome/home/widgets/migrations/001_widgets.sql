CREATE TABLE widgets (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    manifest TEXT NOT NULL,                 -- JSON
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX widgets_user ON widgets (user_id);

CREATE TABLE widget_layouts (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    places TEXT NOT NULL,                   -- JSON array, in the order of the page
    changed_at INTEGER NOT NULL
) STRICT;
