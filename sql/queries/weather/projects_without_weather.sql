-- All projects, those whose last run failed for want of weather, and one of these.
SELECT count(*),
       count(*) FILTER (WHERE lacks_weather),
       min(projects.project_id) FILTER (WHERE lacks_weather)
FROM projects
LEFT JOIN LATERAL (
    SELECT status, traceback
    FROM project_runs
    WHERE project_runs.project_id = projects.id
    ORDER BY id DESC
    LIMIT 1
) AS latest ON true
CROSS JOIN LATERAL (
    SELECT latest.status = 'FAILED'
           AND latest.traceback ~ %(lacks_weather)s
           AS lacks_weather
) AS found
