CREATE TABLE entities (
    id TEXT PRIMARY KEY,
    space TEXT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    aliases TEXT NOT NULL,
    description TEXT NOT NULL,
    metadata TEXT NOT NULL,
    external_source TEXT,
    external_id TEXT,
    origin TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX entities_by_identity ON entities (space, external_source, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX entities_by_name ON entities (space, name COLLATE NOCASE, id);

CREATE TABLE entity_names (
    space TEXT NOT NULL,
    folded TEXT NOT NULL,
    entity_id TEXT NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
    PRIMARY KEY (space, folded, entity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX entity_names_by_entity ON entity_names (entity_id);

CREATE TABLE links (
    id TEXT PRIMARY KEY,
    space TEXT NOT NULL,
    source_type TEXT NOT NULL,
    source_id TEXT NOT NULL,
    target_type TEXT NOT NULL,
    target_id TEXT NOT NULL,
    relation TEXT NOT NULL,
    weight REAL NOT NULL,
    confidence REAL NOT NULL,
    metadata TEXT NOT NULL,
    origin TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (source_id, target_id, relation)
) STRICT;
CREATE INDEX links_by_target ON links (target_id);
CREATE INDEX links_by_space ON links (space, created_at DESC, id DESC);

CREATE TABLE memory_events (
    id TEXT PRIMARY KEY,
    space TEXT NOT NULL,
    type TEXT NOT NULL,
    summary TEXT NOT NULL,
    outcome TEXT,
    actor_ref TEXT,
    mission_id TEXT,
    task_id TEXT,
    metadata TEXT NOT NULL,
    external_source TEXT,
    external_id TEXT,
    origin TEXT NOT NULL,
    author TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX memory_events_by_identity ON memory_events (space, external_source, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX memory_events_by_time ON memory_events (space, occurred_at DESC, id DESC);
