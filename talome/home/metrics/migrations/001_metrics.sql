CREATE TABLE metric_series (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,      -- "host", or the name of a container after "container:"
    seen_at INTEGER NOT NULL        -- epoch seconds, of the latest sample
) STRICT;

-- Ordered by time within a tier, so that a sample of everything is written to one page and not to one page each.
CREATE TABLE metric_samples (
    tier INTEGER NOT NULL,          -- 0: as sampled, 1: a minute, 2: ten minutes, 3: an hour
    at INTEGER NOT NULL,            -- epoch seconds, the beginning of the interval
    series INTEGER NOT NULL,
    cpu INTEGER,                    -- hundredths of a percent
    memory INTEGER,                 -- hundredths of a percent
    memory_kib INTEGER,
    disk INTEGER,                   -- hundredths of a percent
    rx INTEGER,                     -- bytes a second
    tx INTEGER,
    PRIMARY KEY (tier, at, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric_rollups (
    tier INTEGER PRIMARY KEY,
    done_until INTEGER NOT NULL     -- epoch seconds: everything before is rolled up into this tier
) STRICT;
