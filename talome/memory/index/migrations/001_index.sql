-- A shelf is searched as one and has a full-text table of its own, index_words_<number>, made when it is first needed
-- (talome/memory/index/store.py). No statistics are shared between shelves.
CREATE TABLE index_shelves (
    number INTEGER PRIMARY KEY,
    space TEXT NOT NULL,
    kind TEXT NOT NULL,
    active INTEGER NOT NULL,
    UNIQUE (space, kind, active)
);

CREATE TABLE index_models (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    dimensions INTEGER NOT NULL,
    -- Searches use the one that is current; another is filled beside it until it has a vector of every item.
    current INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE index_items (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    shelf INTEGER NOT NULL REFERENCES index_shelves (number),
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    tags TEXT NOT NULL,
    parent TEXT,
    seq INTEGER,
    entities TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    importance REAL NOT NULL,
    confidence REAL NOT NULL,
    helpful INTEGER NOT NULL,
    unhelpful INTEGER NOT NULL,
    terms BLOB NOT NULL,
    length INTEGER NOT NULL
);
CREATE INDEX index_items_by_shelf ON index_items (shelf);
CREATE INDEX index_items_by_parent ON index_items (parent, seq) WHERE parent IS NOT NULL;

CREATE TABLE index_vectors (
    item INTEGER NOT NULL REFERENCES index_items (number) ON DELETE CASCADE,
    model INTEGER NOT NULL REFERENCES index_models (number) ON DELETE CASCADE,
    scale REAL NOT NULL,
    codes BLOB NOT NULL,
    PRIMARY KEY (item, model)
) WITHOUT ROWID;
CREATE INDEX index_vectors_by_model ON index_vectors (model);

CREATE TABLE index_links (
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    weight REAL NOT NULL,
    PRIMARY KEY (source, target)
) WITHOUT ROWID;
CREATE INDEX index_links_back ON index_links (target);

CREATE TABLE index_names (
    entity TEXT NOT NULL,
    space TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (entity, name)
) WITHOUT ROWID;
CREATE INDEX index_names_by_space ON index_names (space);

-- What memory has to catch up with. `sign` is 1 for an item that came, -1 for one that went, 0 for a vector that came,
-- 2 for names that changed.
CREATE TABLE index_changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    shelf INTEGER NOT NULL,
    item INTEGER NOT NULL,
    sign INTEGER NOT NULL,
    terms BLOB,
    length INTEGER NOT NULL DEFAULT 0
);

CREATE TRIGGER index_item_came AFTER INSERT ON index_items BEGIN
    INSERT INTO index_changes (shelf, item, sign, terms, length)
    VALUES (new.shelf, new.number, 1, new.terms, new.length);
END;

CREATE TRIGGER index_item_went AFTER DELETE ON index_items BEGIN
    INSERT INTO index_changes (shelf, item, sign, terms, length)
    VALUES (old.shelf, old.number, -1, old.terms, old.length);
END;

CREATE TRIGGER index_item_moved AFTER UPDATE OF shelf ON index_items WHEN old.shelf IS NOT new.shelf BEGIN
    INSERT INTO index_changes (shelf, item, sign, terms, length)
    VALUES (old.shelf, old.number, -1, old.terms, old.length);
    INSERT INTO index_changes (shelf, item, sign, terms, length)
    VALUES (new.shelf, new.number, 1, new.terms, new.length);
END;

CREATE TRIGGER index_vector_came AFTER INSERT ON index_vectors BEGIN
    INSERT INTO index_changes (shelf, item, sign)
    SELECT shelf, number, 0 FROM index_items WHERE number = new.item;
END;

CREATE TRIGGER index_name_came AFTER INSERT ON index_names BEGIN
    INSERT INTO index_changes (shelf, item, sign) VALUES (0, 0, 2);
END;

CREATE TRIGGER index_name_went AFTER DELETE ON index_names BEGIN
    INSERT INTO index_changes (shelf, item, sign) VALUES (0, 0, 2);
END;

-- One statement puts an item with its vector in the place of what had its id.
CREATE VIEW index_arrivals AS
    SELECT id, '' AS space, '' AS kind, 0 AS active, title, body, tags, parent, seq, entities, created_at, importance,
        confidence, helpful, unhelpful, terms, length, NULL AS model, 0.0 AS scale, NULL AS codes
    FROM index_items;

CREATE TRIGGER index_arrival INSTEAD OF INSERT ON index_arrivals BEGIN
    DELETE FROM index_items WHERE id = new.id;
    INSERT INTO index_items (
        id, shelf, title, body, tags, parent, seq, entities, created_at, importance, confidence, helpful, unhelpful,
        terms, length
    ) VALUES (
        new.id,
        (SELECT number FROM index_shelves WHERE space = new.space AND kind = new.kind AND active = new.active),
        new.title, new.body, new.tags, new.parent, new.seq, new.entities, new.created_at, new.importance,
        new.confidence, new.helpful, new.unhelpful, new.terms, new.length
    );
    INSERT INTO index_vectors (item, model, scale, codes)
    SELECT number, new.model, new.scale, new.codes FROM index_items
    WHERE id = new.id AND new.codes IS NOT NULL AND new.model IN (SELECT number FROM index_models);
END;
