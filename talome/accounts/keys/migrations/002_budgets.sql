ALTER TABLE api_keys ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';        -- JSON object, for its owner
ALTER TABLE api_keys ADD COLUMN monthly_budget_nano INTEGER;                -- billionths of a US dollar; NULL: none
ALTER TABLE api_keys ADD COLUMN local_only INTEGER NOT NULL DEFAULT 0;      -- what it asks never leaves the house
