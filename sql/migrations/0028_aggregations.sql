-- Sums of the savings of many projects, made once and kept: what was asked for, what came of it, and each result that was
-- added up or refused. Projects and results are named without a reference, so that an aggregation stays what it was when
-- they are deleted.
CREATE TABLE aggregations (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_owner_id bigint       NOT NULL REFERENCES project_owners (id) ON DELETE CASCADE,
    user_id          bigint                                -- who made it
        REFERENCES users (id) ON DELETE SET NULL,
    name             varchar(255) NOT NULL,
    selection        jsonb        NOT NULL,                -- which projects, as they were asked for
    settings         jsonb        NOT NULL,
    result           jsonb        NOT NULL,
    added            timestamptz  NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_aggregations_project_owner_id ON aggregations (project_owner_id);
CREATE INDEX ix_aggregations_user_id ON aggregations (user_id);

-- A row for each project and fuel; one without a fuel for a project of which nothing could be added up.
CREATE TABLE aggregation_members (
    aggregation_id       bigint NOT NULL REFERENCES aggregations (id) ON DELETE CASCADE,
    id                   bigint NOT NULL,                  -- its place in the aggregation
    project_id           bigint NOT NULL,
    project_result_id    bigint,
    input_sha256         text,                             -- of what the result was computed from
    trace_interpretation text,                             -- long name, as ELECTRICITY_CONSUMPTION_SUPPLIED
    status               varchar(8) NOT NULL,
    reasons              text[] NOT NULL,                  -- why it was refused
    cvrmse               double precision,                 -- the largest of the baseline models of its traces
    days                 integer,                          -- the fewest that a trace reports
    metered_value        double precision,                 -- kWh
    metered_baseline     double precision,
    normalized_value     double precision,                 -- kWh a year
    normalized_baseline  double precision,
    group_value          text,                             -- of the attribute that the aggregation is grouped by
    PRIMARY KEY (aggregation_id, id),
    CONSTRAINT aggregation_members_status_check CHECK (status IN ('ACCEPTED', 'REJECTED'))
);

-- What decides whether savings count in a portfolio, of the traces that were summed: looked up with the savings, for to
-- join the models of 100,000 results takes longer than to add the results up. 100,000 results take some ten seconds here.
ALTER TABLE savings_aggregations
    ADD COLUMN cvrmse           double precision,          -- the largest of the baseline models
    ADD COLUMN unmodelled       integer,                   -- how many traces have no baseline model
    ADD COLUMN days             integer,                   -- the fewest that a trace with metered savings has of them
    ADD COLUMN bias_squares     double precision;          -- kWh^2: of mean bias times days; null where one is unknown

WITH traces AS (
    SELECT
        saved.project_result_id,
        saved.trace_interpretation,
        saved.metered_n AS days,
        models.cvrmse,
        (models.status <> 'SUCCESS')::integer AS unmodelled,
        (models.mean_bias * saved.metered_n * units.kwh) ^ 2 AS bias_square
    FROM trace_savings AS saved
    JOIN (VALUES ('KWH', 1.0::double precision), ('THM', 29.3001)) AS units (unit, kwh) USING (unit)
    JOIN modeling_periods AS periods
        ON periods.project_result_id = saved.project_result_id AND periods.interpretation = 'BASELINE'
    JOIN energy_trace_model_results AS models
        ON models.modeling_period_id = periods.id
       AND models.project_result_id = saved.project_result_id
       AND models.energy_trace_id = saved.energy_trace_id
),
traces_of_fuels AS (
    SELECT * FROM traces
    UNION ALL
    SELECT project_result_id, 'ALL_FUELS_CONSUMPTION_SUPPLIED', days, cvrmse, unmodelled, bias_square
    FROM traces
    WHERE trace_interpretation IN (
        'ELECTRICITY_CONSUMPTION_SUPPLIED', 'NATURAL_GAS_CONSUMPTION_SUPPLIED', 'FUEL_OIL_CONSUMPTION_SUPPLIED',
        'PROPANE_CONSUMPTION_SUPPLIED', 'STEAM_CONSUMPTION_SUPPLIED', 'CHILLED_WATER_CONSUMPTION_SUPPLIED'
    )
),
fuels AS (
    SELECT
        project_result_id,
        trace_interpretation,
        max(cvrmse) AS cvrmse,
        sum(unmodelled) AS unmodelled,
        min(days) AS days,
        CASE WHEN bool_and(bias_square IS NOT NULL) FILTER (WHERE days IS NOT NULL) THEN sum(bias_square) END
            AS bias_squares
    FROM traces_of_fuels
    GROUP BY project_result_id, trace_interpretation
)
UPDATE savings_aggregations AS sums
SET cvrmse = fuels.cvrmse, unmodelled = fuels.unmodelled, days = fuels.days, bias_squares = fuels.bias_squares
FROM fuels
WHERE fuels.project_result_id = sums.project_result_id
  AND fuels.trace_interpretation = sums.trace_interpretation;
