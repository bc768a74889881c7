-- A row a project: whose it is, its periods and attributes, and what its latest result says of all fuels together, in kWh.
-- Bounds are at the confidence level of the result.
CREATE VIEW bi.project_summary AS
SELECT
    users.name AS owner,
    projects.id AS project,
    projects.project_id,
    projects.zipcode,
    projects.baseline_period_start,
    projects.baseline_period_end,
    projects.reporting_period_start,
    projects.reporting_period_end,
    attributes.attributes,
    weather.station,
    runs.status AS run_status,
    results.id AS project_result,
    results.added AS result_added,
    results.stale_since,
    results.confidence_level,
    saved.metered_value AS metered_savings,
    saved.metered_value - saved.metered_lower AS metered_lower,
    saved.metered_value + saved.metered_upper AS metered_upper,
    saved.metered_baseline,
    saved.normalized_value AS normalized_savings,
    saved.normalized_value - saved.normalized_lower AS normalized_lower,
    saved.normalized_value + saved.normalized_upper AS normalized_upper,
    saved.normalized_baseline
FROM public.projects AS projects
JOIN public.project_owners AS owners ON owners.id = projects.project_owner_id
JOIN public.users AS users ON users.id = owners.user_id
LEFT JOIN public.project_weather AS weather ON weather.project_id = projects.id
LEFT JOIN LATERAL (
    SELECT status FROM public.project_runs WHERE project_id = projects.id ORDER BY id DESC LIMIT 1
) AS runs ON true
LEFT JOIN LATERAL (
    SELECT id, added, stale_since, (provenance #>> '{settings,confidence_level}')::double precision AS confidence_level
    FROM public.project_results
    WHERE project_id = projects.id
    ORDER BY id DESC
    LIMIT 1
) AS results ON true
LEFT JOIN public.savings_aggregations AS saved
    ON saved.project_result_id = results.id AND saved.trace_interpretation = 'ALL_FUELS_CONSUMPTION_SUPPLIED'
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(
        keys.name,
        coalesce(
            to_jsonb(boolean_value), to_jsonb(char_value), to_jsonb(date_value), to_jsonb(datetime_value),
            to_jsonb(float_value), to_jsonb(integer_value)
        )
    ) AS attributes
    FROM public.project_attributes AS given
    JOIN public.project_attribute_keys AS keys ON keys.id = given.key_id
    WHERE given.project_id = projects.id
) AS attributes ON true;
