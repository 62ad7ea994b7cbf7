CREATE TABLE provider_keys (
    id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    label TEXT NOT NULL,
    workspace TEXT,                     -- the workspace's row; NULL: for the whole house
    base_url TEXT NOT NULL,
    sealed TEXT NOT NULL,               -- the key, tied to this row and this base_url
    addresses TEXT NOT NULL,            -- JSON: addresses that it is pinned to; empty for providers on the internet
    models TEXT NOT NULL,               -- JSON: what the provider listed for this key; empty: it could not be asked
    chosen INTEGER NOT NULL DEFAULT 0,  -- whether `models` are those that an administrator named instead
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    verified INTEGER NOT NULL,
    last_success_at INTEGER,
    last_failure_at INTEGER,
    last_failure_code TEXT,
    reset_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE local_endpoints (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    label TEXT NOT NULL,
    runtime TEXT NOT NULL,
    default_model TEXT,
    workspace TEXT,
    sealed_headers TEXT,                -- JSON of names and values, tied to this row and this url
    header_names TEXT NOT NULL,         -- JSON
    addresses TEXT NOT NULL,            -- JSON: those that the name had when it was registered or last checked by hand
    models TEXT NOT NULL,               -- JSON
    enabled INTEGER NOT NULL,
    status TEXT NOT NULL,
    status_reason TEXT,
    latency_ms REAL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    checked_at INTEGER,
    last_success_at INTEGER,
    last_failure_at INTEGER,
    last_failure_code TEXT
) STRICT, WITHOUT ROWID;
