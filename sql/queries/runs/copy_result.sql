-- Give a run the result of an earlier one of its project with the same input and versions, with all below it but the
-- time series, which the two share; answers the id of the copy, or nothing if there is no such result, or none whose
-- series are kept. Who deletes it or its series meanwhile waits for us.
WITH source AS MATERIALIZED (
    SELECT found.id, found.eemeter_version, found.provenance, found.series_set_id
    FROM project_results AS found
    JOIN series_sets ON series_sets.id = found.series_set_id
    WHERE found.project_id = %(project_id)s
      AND found.provenance ->> 'input_sha256' = %(input_sha256)s
      AND found.provenance -> 'versions' = %(versions)s
    ORDER BY found.id
    LIMIT 1
    FOR KEY SHARE
),
-- as in add_series_set
marked AS (
    UPDATE series_sets
    SET superseded = clock_timestamp()
    FROM source
    WHERE series_sets.id <> source.series_set_id
      AND series_sets.id IN (
          SELECT id
          FROM series_sets
          WHERE project_id = %(project_id)s AND superseded IS NULL
          FOR NO KEY UPDATE SKIP LOCKED
      )
),
latest_again AS (
    UPDATE series_sets
    SET superseded = NULL
    FROM source
    WHERE series_sets.id = source.series_set_id AND superseded IS NOT NULL
),
result AS (
    INSERT INTO project_results (
        project_id, project_run_id, eemeter_version, meter_class, meter_settings, provenance, series_set_id
    )
    SELECT
        %(project_id)s, %(run_id)s, eemeter_version, %(meter_class)s, %(meter_settings)s,
        provenance || %(provenance)s || jsonb_build_object('reused_from', id), series_set_id
    FROM source
    RETURNING id
),
periods AS (
    INSERT INTO modeling_periods (project_result_id, interpretation, start_date, end_date)
    SELECT result.id, old.interpretation, old.start_date, old.end_date
    FROM modeling_periods AS old
    JOIN source ON source.id = old.project_result_id
    CROSS JOIN result
    ORDER BY old.id
    RETURNING id, interpretation
),
-- an old period and its copy
twins AS (
    SELECT old.id AS old_id, periods.id AS new_id
    FROM modeling_periods AS old
    JOIN source ON source.id = old.project_result_id
    JOIN periods USING (interpretation)
),
groups AS (
    INSERT INTO modeling_period_groups (project_result_id, baseline_period_id, reporting_period_id)
    SELECT result.id, baseline.new_id, reporting.new_id
    FROM modeling_period_groups AS old
    JOIN source ON source.id = old.project_result_id
    JOIN twins AS baseline ON baseline.old_id = old.baseline_period_id
    JOIN twins AS reporting ON reporting.old_id = old.reporting_period_id
    CROSS JOIN result
    RETURNING id
),
aggregations AS (
    INSERT INTO derivative_aggregations (
        modeling_period_group_id, trace_interpretation, interpretation,
        baseline_value, baseline_upper, baseline_lower, baseline_n,
        reporting_value, reporting_upper, reporting_lower, reporting_n
    )
    SELECT
        groups.id, old.trace_interpretation, old.interpretation,
        old.baseline_value, old.baseline_upper, old.baseline_lower, old.baseline_n,
        old.reporting_value, old.reporting_upper, old.reporting_lower, old.reporting_n
    FROM derivative_aggregations AS old
    JOIN modeling_period_groups AS old_group ON old_group.id = old.modeling_period_group_id
    JOIN source ON source.id = old_group.project_result_id
    CROSS JOIN groups
    ORDER BY old.id
),
models AS (
    INSERT INTO energy_trace_model_results (
        project_result_id, energy_trace_id, modeling_period_id, status, r2, rmse, cvrmse, model_serializiation,
        upper, lower, n, nmbe, nmbe_limit, cvrmse_limit, mean_bias, model, flags
    )
    SELECT
        result.id, old.energy_trace_id, twins.new_id, old.status, old.r2, old.rmse, old.cvrmse,
        old.model_serializiation, old.upper, old.lower, old.n,
        old.nmbe, old.nmbe_limit, old.cvrmse_limit, old.mean_bias, old.model, old.flags
    FROM energy_trace_model_results AS old
    JOIN source ON source.id = old.project_result_id
    JOIN twins ON twins.old_id = old.modeling_period_id
    CROSS JOIN result
    ORDER BY old.id
    RETURNING id, energy_trace_id, modeling_period_id
),
model_derivatives AS (
    INSERT INTO derivatives (energy_trace_model_result_id, interpretation, value, upper, lower, n)
    SELECT models.id, old.interpretation, old.value, old.upper, old.lower, old.n
    FROM derivatives AS old
    JOIN energy_trace_model_results AS old_model ON old_model.id = old.energy_trace_model_result_id
    JOIN source ON source.id = old_model.project_result_id
    JOIN twins ON twins.old_id = old_model.modeling_period_id
    JOIN models
        ON models.energy_trace_id = old_model.energy_trace_id AND models.modeling_period_id = twins.new_id
    ORDER BY old.id
),
savings AS (
    INSERT INTO trace_savings (
        project_result_id, energy_trace_id, trace_interpretation, unit, model,
        metered_value, metered_upper, metered_lower, metered_n, metered_baseline,
        metered_offset, metered_variance, metered_shared, metered_freedom, metered_cosines,
        normalized_value, normalized_upper, normalized_lower, normalized_n, normalized_baseline,
        normalized_offset, normalized_variance, normalized_shared, normalized_freedom, normalized_cosines
    )
    SELECT
        result.id, old.energy_trace_id, old.trace_interpretation, old.unit, old.model,
        old.metered_value, old.metered_upper, old.metered_lower, old.metered_n, old.metered_baseline,
        old.metered_offset, old.metered_variance, old.metered_shared, old.metered_freedom, old.metered_cosines,
        old.normalized_value, old.normalized_upper, old.normalized_lower, old.normalized_n, old.normalized_baseline,
        old.normalized_offset, old.normalized_variance, old.normalized_shared, old.normalized_freedom, old.normalized_cosines
    FROM trace_savings AS old
    JOIN source ON source.id = old.project_result_id
    CROSS JOIN result
    ORDER BY old.id
),
savings_sums AS (
    INSERT INTO savings_aggregations (
        project_result_id, trace_interpretation, model, station, cvrmse, unmodelled, days, bias_squares,
        metered_value, metered_upper, metered_lower, metered_n, metered_baseline,
        metered_offset, metered_variance, metered_shared, metered_freedom, metered_cosines,
        normalized_value, normalized_upper, normalized_lower, normalized_n, normalized_baseline,
        normalized_offset, normalized_variance, normalized_shared, normalized_freedom, normalized_cosines
    )
    SELECT
        result.id, old.trace_interpretation, old.model, old.station,
        old.cvrmse, old.unmodelled, old.days, old.bias_squares,
        old.metered_value, old.metered_upper, old.metered_lower, old.metered_n, old.metered_baseline,
        old.metered_offset, old.metered_variance, old.metered_shared, old.metered_freedom, old.metered_cosines,
        old.normalized_value, old.normalized_upper, old.normalized_lower, old.normalized_n, old.normalized_baseline,
        old.normalized_offset, old.normalized_variance, old.normalized_shared, old.normalized_freedom, old.normalized_cosines
    FROM savings_aggregations AS old
    JOIN source ON source.id = old.project_result_id
    CROSS JOIN result
    ORDER BY old.id
),
months AS (
    INSERT INTO savings_months (
        project_result_id, trace_interpretation, month, value, upper, lower, n, baseline,
        month_offset, month_variance, month_shared,
        cumulative_upper, cumulative_lower, step_offset, step_variance, step_shared
    )
    SELECT
        result.id, old.trace_interpretation, old.month, old.value, old.upper, old.lower, old.n, old.baseline,
        old.month_offset, old.month_variance, old.month_shared,
        old.cumulative_upper, old.cumulative_lower, old.step_offset, old.step_variance, old.step_shared
    FROM savings_months AS old
    JOIN source ON source.id = old.project_result_id
    CROSS JOIN result
),
trace_months AS (
    INSERT INTO trace_savings_months (
        project_result_id, energy_trace_id, month, value, upper, lower, n, baseline, cumulative_upper, cumulative_lower
    )
    SELECT
        result.id, old.energy_trace_id, old.month, old.value, old.upper, old.lower, old.n, old.baseline,
        old.cumulative_upper, old.cumulative_lower
    FROM trace_savings_months AS old
    JOIN source ON source.id = old.project_result_id
    CROSS JOIN result
)
SELECT id FROM result
