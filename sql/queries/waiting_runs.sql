-- What the queue should know of: runs it was never told of, and those it was told of so long ago that it may have
-- forgotten them. Oldest first.
SELECT id, request_id
FROM project_runs
WHERE status = 'PENDING'
  AND (enqueued IS NULL OR enqueued < clock_timestamp() - %(again_seconds)s * interval '1 second')
ORDER BY id
LIMIT %(limit)s
