-- Sums that a registry has been told, with the results in them: what is told later must differ from all of these by many
-- results or by none. They outlive their connection, whose deletion would otherwise make them forgotten.
CREATE TABLE registry_shares (
    id                     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    registry_connection_id bigint
        REFERENCES registry_connections (id) ON DELETE SET NULL,
    trace_interpretation   text        NOT NULL,
    kind                   varchar(10) NOT NULL,           -- of savings
    projects               bigint[]    NOT NULL,           -- in order of their ids
    results                bigint[]    NOT NULL,           -- that of each
    energies               double precision[] NOT NULL,    -- kWh: the use of each without the retrofit
    sums                   jsonb       NOT NULL,
    added                  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT registry_shares_kind_check CHECK (kind IN ('metered', 'normalized'))
);
CREATE INDEX ix_registry_shares_registry_connection_id ON registry_shares (registry_connection_id);
