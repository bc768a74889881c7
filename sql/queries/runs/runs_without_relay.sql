-- Runs that a relay would have taken back from a lost worker by now, or, as the queue has none, put into it.
SELECT count(*)
FROM project_runs
WHERE (status = 'RUNNING' AND lease_expires < clock_timestamp() - %(seconds)s * interval '1 second')
   OR (status = 'PENDING' AND enqueued IS NULL AND weather_download_id IS NULL
       AND updated < clock_timestamp() - %(seconds)s * interval '1 second'
       AND NOT EXISTS (SELECT FROM project_runs WHERE status = 'PENDING' AND enqueued IS NOT NULL))
