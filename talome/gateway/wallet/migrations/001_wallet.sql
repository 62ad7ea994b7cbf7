-- All money in billionths of a US dollar.
CREATE TABLE wallets (
    user_id TEXT PRIMARY KEY,
    granted INTEGER NOT NULL,           -- the sum of wallet_grants
    spent INTEGER NOT NULL              -- the sum of all charges that were ever settled
) STRICT, WITHOUT ROWID;

CREATE TABLE wallet_grants (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    nano INTEGER NOT NULL,              -- below zero: taken back
    note TEXT NOT NULL,
    given_by TEXT NOT NULL,             -- a user name, or talome for the credit everyone begins with
    at INTEGER NOT NULL                 -- milliseconds since 1970
) STRICT;

CREATE INDEX wallet_grants_user ON wallet_grants (user_id, at);

CREATE TABLE wallet_charges (
    user_id TEXT NOT NULL,
    request_id TEXT NOT NULL,           -- the caller's or ours; the same one is never charged twice
    body_hash TEXT NOT NULL,            -- empty where the id is ours
    key_id TEXT,
    workspace TEXT,
    state TEXT NOT NULL CHECK (state IN ('held', 'settled', 'released')),
    held INTEGER NOT NULL,
    charged INTEGER NOT NULL,
    usage_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user_id, request_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX wallet_charges_at ON wallet_charges (at);

CREATE TABLE wallet_spending (
    subject TEXT NOT NULL,              -- user:…, key:… or workspace:…
    month TEXT NOT NULL,                -- 2026-01, by Greenwich
    spent INTEGER NOT NULL,
    PRIMARY KEY (subject, month)
) STRICT, WITHOUT ROWID;
