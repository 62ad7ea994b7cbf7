CREATE TABLE packs (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    key_id TEXT,
    workspace TEXT,
    query_hash TEXT NOT NULL,
    mission_id TEXT,
    task_id TEXT,
    max_tokens INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    took_ms REAL NOT NULL,
    candidates INTEGER NOT NULL,
    included TEXT NOT NULL,
    dropped TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX packs_by_user ON packs (user_id, created_at DESC);
CREATE INDEX packs_by_time ON packs (created_at);

CREATE TABLE pack_feedback (
    pack_id TEXT NOT NULL REFERENCES packs (id) ON DELETE CASCADE,
    item_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    helpful INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (pack_id, item_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pack_feedback_by_item ON pack_feedback (item_id);

-- What was said of chunks; notes carry their own counts. It outlives the packs.
CREATE TABLE chunk_ratings (
    item_id TEXT PRIMARY KEY,
    helpful INTEGER NOT NULL,
    unhelpful INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
