-- Downloads to put into the queue next, the oldest first, so that there are so many in it or RUNNING: others wait for a
-- server far away, and shall not keep every worker from runs.
SELECT id, request_id
FROM weather_downloads
WHERE status = 'PENDING' AND enqueued IS NULL
ORDER BY id
LIMIT greatest(0, %(limit)s - (
    SELECT count(*)
    FROM weather_downloads
    WHERE status = 'RUNNING' OR (status = 'PENDING' AND enqueued IS NOT NULL)
))
