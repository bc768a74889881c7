-- Projects with results as runs store them: electricity and gas, models of 3 kB, a year of months, noise with cosines.
INSERT INTO projects (project_owner_id, project_id, zipcode)
SELECT 1, 'bench-' || number, '50321' FROM generate_series(1, %(projects)s) AS number;

INSERT INTO project_attribute_keys (project_owner_id, name, display_name, data_type)
VALUES (NULL, 'contractor', 'Contractor', 'CHAR'),
       (NULL, 'predicted_electricity_savings', 'Predicted electricity savings', 'FLOAT');
INSERT INTO project_attributes (project_id, key_id, char_value, float_value)
SELECT projects.id, keys.id,
    CASE WHEN keys.data_type = 'CHAR' THEN 'contractor ' || projects.id %% 20 END,
    CASE WHEN keys.data_type = 'FLOAT' THEN 1000 END
FROM projects CROSS JOIN project_attribute_keys AS keys
WHERE keys.name IN ('contractor', 'predicted_electricity_savings');

INSERT INTO consumption_metadatas (project_id, interpretation, unit)
SELECT id, fuel, 'KWH' FROM projects CROSS JOIN unnest(ARRAY['E_C_S', 'NG_C_S']) AS fuel;

-- an earlier result of each project, and the latest, one in a hundred of which is stale
INSERT INTO project_results (project_id, eemeter_version, meter_class, provenance, stale_since)
SELECT id, '1.2.7', 'EnergyEfficiencyMeter',
    jsonb_build_object('input_sha256', md5(id::text || run) || md5(run::text), 'settings', '{"confidence_level": 0.95}'::jsonb),
    CASE WHEN run = 2 AND id %% 100 = 0 THEN now() END
FROM projects CROSS JOIN generate_series(1, 2) AS run
ORDER BY run, id;

INSERT INTO modeling_periods (project_result_id, interpretation)
SELECT id, period FROM project_results CROSS JOIN unnest(ARRAY['BASELINE', 'REPORTING']) AS period ORDER BY id;

INSERT INTO energy_trace_model_results (
    project_result_id, energy_trace_id, modeling_period_id, status, cvrmse, mean_bias, n, model, model_serializiation
)
SELECT results.id, traces.id, periods.id, 'SUCCESS', 0.1 + random(), random() - 0.5, 365, 'daily',
    (SELECT string_agg(md5(random()::text || periods.id || number), '') FROM generate_series(1, 90) AS number)
FROM project_results AS results
JOIN consumption_metadatas AS traces ON traces.project_id = results.project_id
JOIN modeling_periods AS periods ON periods.project_result_id = results.id
ORDER BY results.id;

INSERT INTO trace_savings (
    project_result_id, energy_trace_id, trace_interpretation, unit, model, metered_value, metered_upper, metered_lower,
    metered_n, metered_baseline
)
SELECT results.id, traces.id, fuels.long, 'KWH', 'daily', 1000, 100, 100, 365, 10000
FROM project_results AS results
JOIN consumption_metadatas AS traces ON traces.project_id = results.project_id
JOIN (VALUES ('E_C_S', 'ELECTRICITY_CONSUMPTION_SUPPLIED'), ('NG_C_S', 'NATURAL_GAS_CONSUMPTION_SUPPLIED'))
    AS fuels (short, long) ON fuels.short = traces.interpretation
ORDER BY results.id;

INSERT INTO savings_aggregations (
    project_result_id, trace_interpretation, station, model, cvrmse, unmodelled, days, bias_squares,
    metered_value, metered_upper, metered_lower, metered_n, metered_baseline,
    metered_offset, metered_variance, metered_shared, metered_freedom, metered_cosines,
    normalized_value, normalized_upper, normalized_lower, normalized_n, normalized_baseline,
    normalized_offset, normalized_variance, normalized_shared, normalized_freedom, normalized_cosines
)
SELECT results.id, fuel, 'station ' || results.project_id %% 50, 'daily', 0.1 + random(), 0, 365, 1000 * random(),
    1000 * random(), 100, 100, 365, 10000, random(), 2500, 5, 50, noise.cosines,
    1000 * random(), 100, 100, 365, 10000, random(), 2500, 5, 50, noise.cosines || noise.cosines
FROM project_results AS results
CROSS JOIN unnest(ARRAY[
    'ELECTRICITY_CONSUMPTION_SUPPLIED', 'NATURAL_GAS_CONSUMPTION_SUPPLIED', 'ALL_FUELS_CONSUMPTION_SUPPLIED'
]) AS fuel
CROSS JOIN LATERAL (
    SELECT array_agg(20 * (random() - 0.5 + 0 * (results.id + number))) AS cosines FROM generate_series(1, 12) AS number
) AS noise
ORDER BY results.id;

INSERT INTO savings_months (
    project_result_id, trace_interpretation, month, value, n, baseline, upper, lower, month_offset, month_variance,
    month_shared, cumulative_upper, cumulative_lower, step_offset, step_variance, step_shared
)
SELECT project_result_id, trace_interpretation, '2024-01-01'::date + number * interval '1 month',
    80, 30, 800, 10, 10, 0, 200, 0.4, 30, 30, 0, 200, 0.4
FROM savings_aggregations CROSS JOIN generate_series(0, 11) AS number
ORDER BY 1, 2, 3;
