-- Everything eeds stores. Times are UTC; `added` and `updated` keep microseconds. Constraints have the names that
-- Postgres gives them: TABLE_COLUMN_key, _fkey, _check.

-- People and what they may do ---------------------------------------------------------------------------------------

CREATE TABLE users (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text        NOT NULL UNIQUE,
    password_hash text,                                   -- argon2; null = cannot log in with a password
    is_admin      boolean     NOT NULL DEFAULT false,     -- admins see every owner's projects
    added         timestamptz NOT NULL DEFAULT now()
);

-- What a project belongs to: one owner per user, made together with the user.
CREATE TABLE project_owners (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE
);

-- A token is looked up by its prefix and proven by the HMAC of the whole; the token itself is not stored.
CREATE TABLE tokens (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint      NOT NULL REFERENCES users ON DELETE CASCADE,
    prefix     text        NOT NULL,
    digest     bytea       NOT NULL UNIQUE,
    scopes     text[]      NOT NULL,
    expires    timestamptz,                               -- null = never (the development seed only)
    revoked    timestamptz,
    last_used  timestamptz,
    added      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_tokens_prefix ON tokens (prefix);
CREATE INDEX ix_tokens_user_id ON tokens (user_id);

-- OAuth2 client credentials: a client answers for one user.
CREATE TABLE oauth_clients (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id   bigint      NOT NULL REFERENCES users ON DELETE CASCADE,
    client_id text        NOT NULL UNIQUE,
    digest    bytea       NOT NULL,
    scopes    text[]      NOT NULL,
    added     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_oauth_clients_user_id ON oauth_clients (user_id);

-- Projects ----------------------------------------------------------------------------------------------------------

CREATE TABLE projects (
    id                     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_owner_id       bigint       NOT NULL REFERENCES project_owners,
    project_id             varchar(255) NOT NULL UNIQUE,
    baseline_period_start  timestamptz,
    baseline_period_end    timestamptz,
    reporting_period_start timestamptz,
    reporting_period_end   timestamptz,
    zipcode                varchar(10),
    added                  timestamptz  NOT NULL DEFAULT now(),
    updated                timestamptz  NOT NULL DEFAULT now()
);
CREATE INDEX ix_projects_project_owner_id ON projects (project_owner_id);

-- A named selection of projects.
CREATE TABLE project_blocks (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_owner_id bigint       NOT NULL REFERENCES project_owners,
    name             varchar(255) NOT NULL
);
CREATE INDEX ix_project_blocks_project_owner_id ON project_blocks (project_owner_id);

CREATE TABLE project_block_projects (
    project_block_id bigint NOT NULL REFERENCES project_blocks ON DELETE CASCADE,
    project_id       bigint NOT NULL REFERENCES projects ON DELETE CASCADE,
    PRIMARY KEY (project_block_id, project_id)
);
CREATE INDEX ix_project_block_projects_project_id ON project_block_projects (project_id);

CREATE TABLE project_attribute_keys (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         varchar(255) NOT NULL UNIQUE,
    display_name varchar(255) NOT NULL,
    data_type    varchar(8)   NOT NULL
        CHECK (data_type IN ('BOOLEAN', 'CHAR', 'DATE', 'DATETIME', 'FLOAT', 'INTEGER'))
);

-- The value is in the column of the key's data type.
CREATE TABLE project_attributes (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id     bigint NOT NULL REFERENCES projects ON DELETE CASCADE,
    key_id         bigint NOT NULL REFERENCES project_attribute_keys ON DELETE CASCADE,
    boolean_value  boolean,
    char_value     varchar(255),
    date_value     date,
    datetime_value timestamptz,
    float_value    double precision,
    integer_value  bigint
);
CREATE INDEX ix_project_attributes_project_id ON project_attributes (project_id);
CREATE INDEX ix_project_attributes_key_id ON project_attributes (key_id);

-- Energy ------------------------------------------------------------------------------------------------------------

-- A trace: one meter channel of a project. The original allows several of the same label, and traces without a project.
CREATE TABLE consumption_metadatas (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id     bigint REFERENCES projects ON DELETE CASCADE,
    interpretation varchar(7) NOT NULL
        CHECK (interpretation IN ('E_C_S', 'E_C_T', 'E_C_N', 'E_OSG_T', 'E_OSG_C', 'E_OSG_U', 'NG_C_S')),
    unit           varchar(3) NOT NULL
        CHECK (unit IN ('KWH', 'THM')),
    label          varchar(255)
);
CREATE INDEX ix_consumption_metadatas_project_id ON consumption_metadatas (project_id, interpretation, label);

-- No surrogate key and no foreign key: both would cost most of the time of a load. The merge locks the parents of a
-- batch and refuses unknown ones; the trigger below deletes the records of a deleted trace in the same transaction.
-- Column order packs a row tightest. Eight partitions keep a trace's rows together in whatever order they arrive.
CREATE TABLE consumption_records (
    start       timestamptz(0)   NOT NULL,
    value       double precision,                          -- null = missing, never zero
    metadata_id bigint           NOT NULL,
    estimated   boolean          NOT NULL DEFAULT false,
    PRIMARY KEY (metadata_id, start)
) PARTITION BY HASH (metadata_id);

DO $$
BEGIN
    FOR i IN 0..7 LOOP
        EXECUTE format('CREATE TABLE consumption_records_%s PARTITION OF consumption_records
                        FOR VALUES WITH (MODULUS 8, REMAINDER %s)', i, i);
    END LOOP;
END $$;

CREATE FUNCTION delete_records_of_deleted_traces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM consumption_records WHERE metadata_id IN (SELECT id FROM deleted);
    RETURN NULL;
END $$;

CREATE TRIGGER delete_records AFTER DELETE ON consumption_metadatas
    REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION delete_records_of_deleted_traces();

-- Weather -----------------------------------------------------------------------------------------------------------

-- One UTC year of hourly temperatures, degrees Fahrenheit, NaN = missing, 8,760 or 8,784 long.
CREATE TABLE weather_years (
    station    text     NOT NULL,
    source     text     NOT NULL,
    year       smallint NOT NULL,
    temps      real[]   NOT NULL,
    n_observed integer  NOT NULL,
    first_hour timestamptz,                                -- of the observed hours; null where there are none
    last_hour  timestamptz,
    url        text,
    etag       text,
    sha256     text,
    fetched_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (station, source, year)
);

-- A normal year: 8,760 hours of local standard time, degrees Fahrenheit.
CREATE TABLE weather_normals (
    station    text   NOT NULL,
    kind       text   NOT NULL
        CHECK (kind IN ('TMY3', 'CZ2010', 'EPW', 'derived')),
    utc_offset double precision NOT NULL,                  -- hours
    temps      real[] NOT NULL,
    PRIMARY KEY (station, kind)
);

-- The pinned choice of a project: baseline and reporting share a station, and a re-run finds the same one.
CREATE TABLE project_weather (
    project_id     bigint           NOT NULL REFERENCES projects ON DELETE CASCADE,
    station        text             NOT NULL,
    normal_station text,
    kind           text,
    km             double precision,
    climate_match  boolean,
    method         text             NOT NULL,
    chosen_at      timestamptz      NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id)
);

-- Runs and results --------------------------------------------------------------------------------------------------

CREATE TABLE project_runs (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id     bigint      NOT NULL REFERENCES projects ON DELETE CASCADE,
    meter_class    text        NOT NULL,
    meter_settings jsonb,
    status         varchar(7)  NOT NULL DEFAULT 'PENDING'
        CHECK (status IN ('PENDING', 'RUNNING', 'SUCCESS', 'FAILED')),
    traceback      text,                                   -- why the run failed: a message for people, then the trace
    attempts       integer     NOT NULL DEFAULT 0,         -- claims so far; also the fencing token of the lease
    started        timestamptz,                            -- when it was last claimed
    lease_expires  timestamptz,                            -- set while RUNNING
    enqueued       timestamptz,                            -- when the relay last gave it to the queue
    request_id     text,                                   -- of the HTTP request that made the run
    added          timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_project_runs_project_id ON project_runs (project_id);
CREATE INDEX ix_project_runs_unfinished ON project_runs (status, id) WHERE status IN ('PENDING', 'RUNNING');

CREATE TABLE project_results (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id      bigint      NOT NULL REFERENCES projects ON DELETE CASCADE,
    project_run_id  bigint UNIQUE REFERENCES project_runs ON DELETE CASCADE,
    eemeter_version text,
    meter_class     text,
    meter_settings  jsonb,
    provenance      jsonb,                                 -- versions, input hash, station, seed
    added           timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_project_results_project_id ON project_results (project_id);

CREATE TABLE modeling_periods (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_result_id bigint     NOT NULL REFERENCES project_results ON DELETE CASCADE,
    interpretation    varchar(9) NOT NULL
        CHECK (interpretation IN ('BASELINE', 'REPORTING')),
    start_date        timestamptz,
    end_date          timestamptz
);
CREATE INDEX ix_modeling_periods_project_result_id ON modeling_periods (project_result_id);

CREATE TABLE modeling_period_groups (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_result_id   bigint NOT NULL REFERENCES project_results ON DELETE CASCADE,
    baseline_period_id  bigint NOT NULL REFERENCES modeling_periods ON DELETE CASCADE,
    reporting_period_id bigint NOT NULL REFERENCES modeling_periods ON DELETE CASCADE
);
CREATE INDEX ix_modeling_period_groups_project_result_id ON modeling_period_groups (project_result_id);

CREATE TABLE derivative_aggregations (
    id                       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    modeling_period_group_id bigint NOT NULL REFERENCES modeling_period_groups ON DELETE CASCADE,
    trace_interpretation     text   NOT NULL,
    interpretation           text   NOT NULL,
    baseline_value           double precision,
    baseline_upper           double precision,
    baseline_lower           double precision,
    baseline_n               integer,
    reporting_value          double precision,
    reporting_upper          double precision,
    reporting_lower          double precision,
    reporting_n              integer
);
CREATE INDEX ix_derivative_aggregations_modeling_period_group_id ON derivative_aggregations (modeling_period_group_id);

CREATE TABLE energy_trace_model_results (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_result_id    bigint NOT NULL REFERENCES project_results ON DELETE CASCADE,
    -- the trace may be deleted later; what was computed from it stays
    energy_trace_id      bigint NOT NULL,
    modeling_period_id   bigint NOT NULL REFERENCES modeling_periods ON DELETE CASCADE,
    status               text   NOT NULL,
    r2                   double precision,
    rmse                 double precision,
    cvrmse               double precision,
    model_serializiation text,
    upper                double precision,
    lower                double precision,
    n                    double precision
);
CREATE INDEX ix_energy_trace_model_results_project_result_id ON energy_trace_model_results (project_result_id);

CREATE TABLE derivatives (
    id                           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    energy_trace_model_result_id bigint NOT NULL REFERENCES energy_trace_model_results ON DELETE CASCADE,
    interpretation               text   NOT NULL,
    value                        double precision,
    upper                        double precision,
    lower                        double precision,
    n                            integer
);
CREATE INDEX ix_derivatives_energy_trace_model_result_id ON derivatives (energy_trace_model_result_id);

-- The registry, exports, repeated requests --------------------------------------------------------------------------

CREATE TABLE registry_connections (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_owner_id bigint NOT NULL REFERENCES project_owners,
    token            uuid   NOT NULL DEFAULT gen_random_uuid() UNIQUE
);
CREATE INDEX ix_registry_connections_project_owner_id ON registry_connections (project_owner_id);

CREATE TABLE registry_connection_projects (
    registry_connection_id bigint NOT NULL REFERENCES registry_connections ON DELETE CASCADE,
    project_id             bigint NOT NULL REFERENCES projects ON DELETE CASCADE,
    registry_id            uuid   NOT NULL DEFAULT gen_random_uuid(),  -- the project's anonymous name in the registry
    PRIMARY KEY (registry_connection_id, project_id)
);
CREATE INDEX ix_registry_connection_projects_project_id ON registry_connection_projects (project_id);

CREATE TABLE exports (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id  bigint      NOT NULL REFERENCES users ON DELETE CASCADE,
    kind     text        NOT NULL,
    format   text        NOT NULL,
    status   varchar(7)  NOT NULL DEFAULT 'PENDING'
        CHECK (status IN ('PENDING', 'RUNNING', 'SUCCESS', 'FAILED')),
    message  text,
    content  bytea,
    added    timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_exports_user_id ON exports (user_id);

-- The first answer to a request that carried an Idempotency-Key, replayed for a day.
CREATE TABLE idempotency_keys (
    user_id      bigint      NOT NULL REFERENCES users ON DELETE CASCADE,
    key          text        NOT NULL,
    request_hash bytea       NOT NULL,
    status       integer     NOT NULL,
    body         bytea       NOT NULL,
    added        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);
