-- The fits of the project's latest result that the same versions have computed.
SELECT fit ->> 'sha256', model.model_serializiation, (fit ->> 'numerical_spread')::double precision
FROM (
    SELECT id, provenance
    FROM project_results
    WHERE project_id = %(project_id)s
    ORDER BY id DESC
    LIMIT 1
) AS latest
CROSS JOIN jsonb_array_elements(latest.provenance -> 'fits') AS fit
JOIN energy_trace_model_results AS model
    ON model.project_result_id = latest.id AND model.energy_trace_id = (fit ->> 'energy_trace')::bigint
JOIN modeling_periods AS period
    ON period.id = model.modeling_period_id AND period.interpretation = fit ->> 'period'
WHERE latest.provenance -> 'versions' = %(versions)s AND model.model_serializiation IS NOT NULL
