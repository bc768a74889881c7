-- Savings and time series below a result, and what finds a result of the same input.

-- What one trace saved, in its unit; null where a model is missing. Interpretation and unit stay when the trace goes.
CREATE TABLE trace_savings (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_result_id    bigint     NOT NULL REFERENCES project_results ON DELETE CASCADE,
    energy_trace_id      bigint     NOT NULL,
    trace_interpretation text       NOT NULL,              -- long name, as ELECTRICITY_CONSUMPTION_SUPPLIED
    unit                 varchar(3) NOT NULL
        CHECK (unit IN ('KWH', 'THM')),
    metered_value        double precision,
    metered_upper        double precision,
    metered_lower        double precision,
    metered_n            integer,
    metered_baseline     double precision,
    normalized_value     double precision,
    normalized_upper     double precision,
    normalized_lower     double precision,
    normalized_n         integer,
    normalized_baseline  double precision
);
CREATE INDEX ix_trace_savings_project_result_id ON trace_savings (project_result_id);

-- The same in kWh, summed over the traces of an interpretation.
CREATE TABLE savings_aggregations (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_result_id    bigint NOT NULL REFERENCES project_results ON DELETE CASCADE,
    trace_interpretation text   NOT NULL,
    metered_value        double precision,
    metered_upper        double precision,
    metered_lower        double precision,
    metered_n            integer,
    metered_baseline     double precision,
    normalized_value     double precision,
    normalized_upper     double precision,
    normalized_lower     double precision,
    normalized_n         integer,
    normalized_baseline  double precision
);
CREATE INDEX ix_savings_aggregations_project_result_id ON savings_aggregations (project_result_id);

-- What a trace used and what its models say of it, an element a row of the series; NaN = missing. They are arrays, for
-- they are written and read together: 26,000 elements a column for three years of hours.
CREATE TABLE time_series (
    project_result_id bigint             NOT NULL REFERENCES project_results ON DELETE CASCADE,
    energy_trace_id   bigint             NOT NULL,
    resolution        text               NOT NULL
        CHECK (resolution IN ('daily', 'hourly', 'billing')),
    start             timestamptz[]      NOT NULL,
    day               date[],                              -- the local day that starts then; null for hours
    observed          double precision[] NOT NULL,
    temperature       double precision[] NOT NULL,
    baseline          double precision[] NOT NULL,
    lower             double precision[] NOT NULL,
    upper             double precision[] NOT NULL,
    reporting         double precision[] NOT NULL,
    PRIMARY KEY (project_result_id, energy_trace_id)
);
-- Measurements hardly compress: trying to takes five times as long as writing them.
ALTER TABLE time_series
    ALTER COLUMN start SET STORAGE EXTERNAL,
    ALTER COLUMN day SET STORAGE EXTERNAL,
    ALTER COLUMN observed SET STORAGE EXTERNAL,
    ALTER COLUMN temperature SET STORAGE EXTERNAL,
    ALTER COLUMN baseline SET STORAGE EXTERNAL,
    ALTER COLUMN lower SET STORAGE EXTERNAL,
    ALTER COLUMN upper SET STORAGE EXTERNAL,
    ALTER COLUMN reporting SET STORAGE EXTERNAL;

CREATE INDEX ix_project_results_input ON project_results (project_id, (provenance ->> 'input_sha256'));
