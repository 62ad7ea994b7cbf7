-- What an app's own scripts said in a throw-away container, taken over by a person. It counts for just these scripts.
CREATE TABLE store_scripts (
    store_id TEXT NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    app TEXT NOT NULL,
    digest TEXT NOT NULL,
    said TEXT NOT NULL,                 -- JSON: by name, the parts of its value
    taken_by TEXT NOT NULL,
    taken_at INTEGER NOT NULL,
    PRIMARY KEY (store_id, app)
) STRICT, WITHOUT ROWID;
