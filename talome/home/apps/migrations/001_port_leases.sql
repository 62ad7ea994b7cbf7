CREATE TABLE port_leases (
    port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    protocol TEXT NOT NULL CHECK (protocol IN ('tcp', 'udp')),
    app TEXT NOT NULL,
    key TEXT NOT NULL,                  -- service/target/protocol, such as web/8080/tcp
    wished INTEGER NOT NULL,            -- what the app would have liked
    PRIMARY KEY (port, protocol),
    UNIQUE (app, key)
) STRICT, WITHOUT ROWID;
