CREATE TABLE notifications (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT NOT NULL,                  -- what it is about; the same thing again counts up this row
    source TEXT NOT NULL,
    level TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    link TEXT,                          -- a path of the dashboard
    count INTEGER NOT NULL,
    at INTEGER NOT NULL,                -- of the latest time
    told_at INTEGER NOT NULL,           -- when it last became unread
    read_at INTEGER
) STRICT;

CREATE INDEX notifications_latest ON notifications (user_id, at DESC, id DESC);
CREATE INDEX notifications_key ON notifications (user_id, key);
CREATE INDEX notifications_unread ON notifications (user_id) WHERE read_at IS NULL;

CREATE TABLE notification_places (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    place TEXT NOT NULL,                -- digest of device and address
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, place)
) STRICT;
