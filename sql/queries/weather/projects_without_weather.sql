-- All projects, those whose last run failed for want of weather, and one of these.
WITH latest AS (
    SELECT DISTINCT ON (project_id) project_id, status, traceback
    FROM project_runs
    ORDER BY project_id, id DESC
)
SELECT count(*),
       count(*) FILTER (WHERE lacks_weather),
       min(projects.project_id) FILTER (WHERE lacks_weather)
FROM projects
LEFT JOIN latest ON latest.project_id = projects.id
CROSS JOIN LATERAL (
    SELECT latest.status = 'FAILED'
           AND latest.traceback ~ %(lacks_weather)s
           AS lacks_weather
) AS found
