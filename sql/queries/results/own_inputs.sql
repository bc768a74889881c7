-- The results of projects that runs have found, in order, with what they took from their project, and what that is now:
-- its periods, its ZIP code, and as texts by name its attributes that say where it is and what has changed at its meter;
-- one that was given twice counts as it was given last.
SELECT
    results.id,
    results.stale_because,
    (
        baseline.start_date, baseline.end_date, coalesce(reporting.start_date, baseline.end_date), reporting.end_date
    ) IS NOT DISTINCT FROM (
        projects.baseline_period_start, projects.baseline_period_end,
        coalesce(projects.reporting_period_start, projects.baseline_period_end), projects.reporting_period_end
    ) AS same_periods,
    projects.zipcode,
    attributes.texts AS attributes,
    results.meter_settings,
    results.provenance -> 'settings' AS settings,
    results.provenance -> 'weather' AS weather
FROM project_results AS results
JOIN projects ON projects.id = results.project_id
JOIN modeling_periods AS baseline
    ON baseline.project_result_id = results.id AND baseline.interpretation = 'BASELINE'
JOIN modeling_periods AS reporting
    ON reporting.project_result_id = results.id AND reporting.interpretation = 'REPORTING'
LEFT JOIN (
    SELECT project_id, jsonb_object_agg(name, value ORDER BY id) AS texts
    FROM (
        SELECT
            given.id,
            given.project_id,
            keys.name,
            nullif(btrim(CASE
                WHEN keys.data_type = 'CHAR' THEN given.char_value
                WHEN keys.name = ANY (%(dates)s) THEN CASE keys.data_type
                    WHEN 'DATE' THEN given.date_value::text
                    WHEN 'DATETIME' THEN (given.datetime_value AT TIME ZONE 'UTC')::date::text
                END
                WHEN keys.data_type = 'FLOAT' THEN given.float_value::text
                WHEN keys.data_type = 'INTEGER' THEN given.integer_value::text
            END), '') AS value
        FROM project_attributes AS given
        JOIN project_attribute_keys AS keys ON keys.id = given.key_id
        WHERE given.project_id = ANY (%(projects)s) AND keys.name = ANY (%(names)s)
    ) AS named
    WHERE value IS NOT NULL
    GROUP BY project_id
) AS attributes ON attributes.project_id = results.project_id
WHERE results.project_id = ANY (%(projects)s) AND results.id >= %(first)s AND results.provenance IS NOT NULL
ORDER BY results.id
FOR NO KEY UPDATE OF results
