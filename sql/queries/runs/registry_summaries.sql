-- The latest result of every project of a registry's connection, with its aggregations, as the registry reads it.
SELECT json_build_object(
    'registry_id', links.registry_id,
    'project_result_pk', latest.id,
    'eemeter_version', latest.eemeter_version,
    'meter_class', latest.meter_class,
    'meter_settings', latest.meter_settings,
    'summaries', summaries.list
)
FROM registry_connection_projects AS links
CROSS JOIN LATERAL (
    SELECT *
    FROM project_results
    WHERE project_results.project_id = links.project_id
    ORDER BY project_results.id DESC
    LIMIT 1
) AS latest
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object(
        'trace_interpretation', sums.trace_interpretation,
        'derivative_interpretation', sums.interpretation,
        'baseline_value', nullif(sums.baseline_value, 'NaN'),
        'baseline_upper', nullif(sums.baseline_upper, 'NaN'),
        'baseline_lower', nullif(sums.baseline_lower, 'NaN'),
        'reporting_value', nullif(sums.reporting_value, 'NaN'),
        'reporting_upper', nullif(sums.reporting_upper, 'NaN'),
        'reporting_lower', nullif(sums.reporting_lower, 'NaN')
    ) ORDER BY sums.id), '[]') AS list
    FROM derivative_aggregations AS sums
    JOIN modeling_period_groups AS groups ON groups.id = sums.modeling_period_group_id
    WHERE groups.project_result_id = latest.id
) AS summaries
WHERE links.registry_connection_id = %(connection_id)s
ORDER BY links.project_id
