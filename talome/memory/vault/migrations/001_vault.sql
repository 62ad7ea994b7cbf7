CREATE TABLE notes (
    id TEXT PRIMARY KEY,
    space TEXT NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    tags TEXT NOT NULL,
    importance REAL NOT NULL,
    confidence REAL NOT NULL,
    metadata TEXT NOT NULL,
    external_source TEXT,
    external_id TEXT,
    claim_key TEXT,
    origin TEXT NOT NULL,
    trusted INTEGER NOT NULL,
    author TEXT NOT NULL,
    valid_from INTEGER,
    valid_to INTEGER,
    entities TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    version INTEGER NOT NULL,
    superseded_by TEXT,
    helpful INTEGER NOT NULL,
    unhelpful INTEGER NOT NULL,
    use_count INTEGER NOT NULL,
    last_used_at INTEGER,
    verified_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    purge_at INTEGER,
    status_before TEXT,
    bands TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_by_name TEXT NOT NULL,
    changed_by_kind TEXT NOT NULL,
    changed_by_key TEXT,
    last_action TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX notes_by_identity ON notes (space, external_source, external_id)
    WHERE external_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX notes_by_hash ON notes (space, content_hash);
CREATE INDEX notes_by_claim ON notes (space, claim_key) WHERE claim_key IS NOT NULL;
CREATE INDEX notes_by_change ON notes (space, updated_at DESC, id DESC);
CREATE INDEX notes_by_purge ON notes (purge_at) WHERE purge_at IS NOT NULL;
CREATE INDEX notes_expiring ON notes (valid_to) WHERE valid_to IS NOT NULL AND status = 'active';
CREATE INDEX notes_pending ON notes (space, created_at) WHERE status = 'pending';

CREATE TABLE note_versions (
    note_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    snapshot TEXT NOT NULL,
    PRIMARY KEY (note_id, version)
) STRICT;

CREATE TABLE note_log (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    note_id TEXT NOT NULL,
    space TEXT NOT NULL,
    action TEXT NOT NULL,
    version INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    key_id TEXT
) STRICT;
CREATE INDEX note_log_by_note ON note_log (note_id, id);
CREATE INDEX note_log_by_space ON note_log (space, id);

CREATE TABLE note_shapes (
    space TEXT NOT NULL,
    band INTEGER NOT NULL,
    note_id TEXT NOT NULL,
    PRIMARY KEY (space, band, note_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX note_shapes_by_note ON note_shapes (note_id);

CREATE TABLE note_findings (
    id TEXT PRIMARY KEY,
    space TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    note_id TEXT NOT NULL,
    other_id TEXT NOT NULL,
    state TEXT NOT NULL,
    found_at INTEGER NOT NULL,
    settled_at INTEGER,
    settled_by TEXT,
    decision TEXT,
    UNIQUE (note_id, other_id)
) STRICT;
CREATE INDEX note_findings_open ON note_findings (space, found_at) WHERE state = 'open';
CREATE INDEX note_findings_by_other ON note_findings (other_id);

-- Spaces whose owner is gone, and since when: people who were deleted by mistake are made again within days.
CREATE TABLE left_spaces (
    space TEXT PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every head of a note leaves a version and a line in the log, whoever wrote it and however: no code can forget to.
CREATE TRIGGER notes_first_version AFTER INSERT ON notes BEGIN
    INSERT INTO note_versions VALUES (
        NEW.id, NEW.version, NEW.last_action, NEW.changed_by, NEW.changed_by_name, NEW.changed_by_kind, NEW.updated_at,
        json_object(
            'title', NEW.title, 'content', NEW.content, 'kind', NEW.kind, 'status', NEW.status,
            'tags', json(NEW.tags), 'importance', NEW.importance, 'confidence', NEW.confidence,
            'metadata', json(NEW.metadata), 'external_source', NEW.external_source, 'external_id', NEW.external_id,
            'claim_key', NEW.claim_key, 'valid_from', NEW.valid_from, 'valid_to', NEW.valid_to,
            'content_hash', NEW.content_hash
        )
    );
    INSERT INTO note_log (at, note_id, space, action, version, content_hash, actor_id, actor_kind, key_id) VALUES (
        NEW.updated_at, NEW.id, NEW.space, NEW.last_action, NEW.version, NEW.content_hash, NEW.changed_by,
        NEW.changed_by_kind, NEW.changed_by_key
    );
    INSERT OR IGNORE INTO note_shapes SELECT NEW.space, value, NEW.id FROM json_each(NEW.bands);
END;
CREATE TRIGGER notes_next_version AFTER UPDATE OF version ON notes WHEN NEW.version <> OLD.version BEGIN
    INSERT INTO note_versions VALUES (
        NEW.id, NEW.version, NEW.last_action, NEW.changed_by, NEW.changed_by_name, NEW.changed_by_kind, NEW.updated_at,
        json_object(
            'title', NEW.title, 'content', NEW.content, 'kind', NEW.kind, 'status', NEW.status,
            'tags', json(NEW.tags), 'importance', NEW.importance, 'confidence', NEW.confidence,
            'metadata', json(NEW.metadata), 'external_source', NEW.external_source, 'external_id', NEW.external_id,
            'claim_key', NEW.claim_key, 'valid_from', NEW.valid_from, 'valid_to', NEW.valid_to,
            'content_hash', NEW.content_hash
        )
    );
    INSERT INTO note_log (at, note_id, space, action, version, content_hash, actor_id, actor_kind, key_id) VALUES (
        NEW.updated_at, NEW.id, NEW.space, NEW.last_action, NEW.version, NEW.content_hash, NEW.changed_by,
        NEW.changed_by_kind, NEW.changed_by_key
    );
END;
CREATE TRIGGER notes_next_shape AFTER UPDATE OF bands ON notes WHEN NEW.bands <> OLD.bands BEGIN
    DELETE FROM note_shapes WHERE note_id = NEW.id;
    INSERT OR IGNORE INTO note_shapes SELECT NEW.space, value, NEW.id FROM json_each(NEW.bands);
END;
CREATE TRIGGER notes_end AFTER DELETE ON notes BEGIN
    INSERT INTO note_log (at, note_id, space, action, version, content_hash, actor_id, actor_kind, key_id) VALUES (
        unixepoch() * 1000, OLD.id, OLD.space, 'purged', OLD.version, OLD.content_hash, '', 'system', NULL
    );
    DELETE FROM note_versions WHERE note_id = OLD.id;
    DELETE FROM note_shapes WHERE note_id = OLD.id;
    DELETE FROM note_findings WHERE note_id = OLD.id OR other_id = OLD.id;
END;
CREATE TRIGGER note_versions_stay BEFORE UPDATE ON note_versions BEGIN
    SELECT RAISE(ABORT, 'a version of a note is never changed');
END;
