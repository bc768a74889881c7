-- Metered savings by calendar month: a year of days of 10,000 projects takes seconds to add up, their months do not.

-- What savings_aggregations has of each month, in kWh.
CREATE TABLE savings_months (
    project_result_id    bigint           NOT NULL REFERENCES project_results ON DELETE CASCADE,
    trace_interpretation text             NOT NULL,        -- long name, as ELECTRICITY_CONSUMPTION_SUPPLIED
    month                date             NOT NULL,        -- its first day
    value                double precision NOT NULL,
    n                    integer          NOT NULL,        -- days summed
    baseline             double precision NOT NULL,        -- what would have been used without the retrofit
    PRIMARY KEY (project_result_id, trace_interpretation, month)
);

-- Those of the results that are there, from their time series. In these, which do not say when a row ends, a bill counts
-- in the month in which it begins, not in each with the days that it has there.
WITH periods AS (
    SELECT
        project_result_id,
        coalesce(
            max(start_date) FILTER (WHERE interpretation = 'REPORTING'),
            max(end_date) FILTER (WHERE interpretation = 'BASELINE')
        ) AS start,
        max(end_date) FILTER (WHERE interpretation = 'REPORTING') AS end
    FROM modeling_periods
    GROUP BY project_result_id
),
traces AS (
    SELECT
        trace_savings.project_result_id,
        trace_savings.energy_trace_id,
        trace_savings.trace_interpretation,
        coalesce(rows.day, (rows.start AT TIME ZONE 'UTC')::date) AS day,
        rows.baseline * units.kwh AS baseline,
        rows.observed * units.kwh AS observed
    FROM trace_savings
    JOIN periods USING (project_result_id)
    JOIN time_series USING (project_result_id, energy_trace_id)
    JOIN (VALUES ('KWH', 1.0::double precision), ('THM', 29.3001)) AS units (unit, kwh) USING (unit)
    CROSS JOIN LATERAL unnest(time_series.start, time_series.day, time_series.observed, time_series.baseline)
        AS rows (start, day, observed, baseline)
    WHERE trace_savings.metered_value IS NOT NULL
      AND rows.start >= periods.start
      AND (periods.end IS NULL OR rows.start < periods.end)
      AND abs(rows.baseline - rows.observed) < 'Infinity'  -- to Postgres NaN is greater
),
sums AS (
    SELECT * FROM traces
    UNION ALL
    SELECT project_result_id, energy_trace_id, 'ALL_FUELS_CONSUMPTION_SUPPLIED', day, baseline, observed
    FROM traces
    WHERE trace_interpretation IN ('ELECTRICITY_CONSUMPTION_SUPPLIED', 'NATURAL_GAS_CONSUMPTION_SUPPLIED')
)
INSERT INTO savings_months (project_result_id, trace_interpretation, month, value, n, baseline)
SELECT
    project_result_id,
    trace_interpretation,
    date_trunc('month', day)::date,
    sum(baseline - observed),
    count(DISTINCT (energy_trace_id, day)),
    sum(baseline)
FROM sums
GROUP BY 1, 2, 3;
