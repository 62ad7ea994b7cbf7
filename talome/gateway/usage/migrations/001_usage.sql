CREATE TABLE usage_rows (
    at INTEGER PRIMARY KEY,             -- microseconds since 1970, no two rows alike; the cursor of the lists
    id TEXT NOT NULL UNIQUE,            -- the request id that the caller was told
    user_id TEXT NOT NULL,
    api_key_id TEXT,
    workspace TEXT,                     -- id of the row in workspaces
    tier TEXT NOT NULL,
    model TEXT NOT NULL,                -- as it was asked for
    served_model TEXT NOT NULL,         -- which one answered, and whose it is
    served_provider TEXT NOT NULL,
    routing_method TEXT NOT NULL,
    execution_source TEXT NOT NULL,
    billing_mode TEXT NOT NULL,
    request_type TEXT NOT NULL,
    feature TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,      -- whole, with what came from or went into the provider's cache
    cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    actual_nano INTEGER NOT NULL,       -- billionths of a US dollar
    charged_nano INTEGER NOT NULL,
    baseline_nano INTEGER NOT NULL,
    latency_ms INTEGER,
    first_token_ms INTEGER,
    cached INTEGER NOT NULL,
    status INTEGER NOT NULL,
    error TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    metadata TEXT NOT NULL              -- JSON object, from the caller
) STRICT;

CREATE INDEX usage_rows_user ON usage_rows (user_id, at);

-- The rows added up by the hour, for sums over many days; written with them, in the same transactions. Where a row has
-- no key or no workspace, it is the empty text here.
CREATE TABLE usage_hours (
    hour INTEGER NOT NULL,              -- hours since 1970
    user_id TEXT NOT NULL,
    api_key_id TEXT NOT NULL,
    workspace TEXT NOT NULL,
    tier TEXT NOT NULL,
    model TEXT NOT NULL,
    served_model TEXT NOT NULL,
    served_provider TEXT NOT NULL,
    execution_source TEXT NOT NULL,
    request_type TEXT NOT NULL,
    feature TEXT NOT NULL,
    requests INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    charged_nano INTEGER NOT NULL,
    actual_nano INTEGER NOT NULL,
    baseline_nano INTEGER NOT NULL,
    cache_hits INTEGER NOT NULL,
    cache_saved_nano INTEGER NOT NULL,
    measured INTEGER NOT NULL,          -- requests that were timed, and how long they took together
    latency_ms INTEGER NOT NULL,
    PRIMARY KEY (hour, user_id, api_key_id, workspace, tier, model, served_model, served_provider, execution_source,
        request_type, feature)
) STRICT, WITHOUT ROWID;
