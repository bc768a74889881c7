-- Those of the projects that have a result which is not yet known to be stale for its readings.
SELECT DISTINCT project_id
FROM project_results
WHERE project_id = ANY (%(projects)s)
  AND 'readings' <> ALL (coalesce(stale_because, '{}'))
  AND meter_settings ->> 'as_of' IS NULL
