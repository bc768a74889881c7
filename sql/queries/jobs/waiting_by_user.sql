-- Jobs to put into the queue next: of each user the oldest PENDING one, if none of the user is in the queue or RUNNING. So
-- whoever requests many keeps one worker busy, and not all.
SELECT DISTINCT ON (user_id) id, request_id
FROM {table} AS waiting
WHERE status = 'PENDING'
  AND enqueued IS NULL
  AND NOT EXISTS (
      SELECT FROM {table}
      WHERE user_id = waiting.user_id
        AND (status = 'RUNNING' OR (status = 'PENDING' AND enqueued IS NOT NULL))
  )
ORDER BY user_id, id
LIMIT %(limit)s
