-- Files that are loaded, or checked, by a web process beside its requests; what became of each.
CREATE TABLE loads (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_owner_id bigint NOT NULL REFERENCES project_owners (id) ON DELETE CASCADE,
    user_id          bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind             text NOT NULL,
    file_name        text NOT NULL,
    size             bigint NOT NULL,              -- bytes, of the file as it was sent
    sha256           bytea NOT NULL,               -- of the same file
    is_dry_run       boolean NOT NULL,
    status           varchar(7) NOT NULL DEFAULT 'PENDING',
    bytes_read       bigint NOT NULL DEFAULT 0,    -- of the size, so far
    outcome          jsonb,                        -- of one that is SUCCESS
    refused_rows     bytea,                        -- the first of them, as CSV; null where there are none
    message          text,                         -- why one FAILED
    request_id       text,
    added            timestamptz NOT NULL DEFAULT clock_timestamp(),
    started          timestamptz,
    ended            timestamptz,
    CONSTRAINT loads_status_check CHECK (status IN ('PENDING', 'RUNNING', 'SUCCESS', 'FAILED'))
);
CREATE INDEX ix_loads_project_owner_id ON loads (project_owner_id, id);
CREATE INDEX ix_loads_user_id ON loads (user_id);
CREATE INDEX ix_loads_unfinished ON loads (id) WHERE status IN ('PENDING', 'RUNNING');
