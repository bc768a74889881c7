-- What the queue should be told of next: of each user the oldest that waits, if none of theirs is on its way. So whoever
-- orders many keeps one worker busy, and not all.
SELECT DISTINCT ON (user_id) id, request_id
FROM exports AS waiting
WHERE status = 'PENDING'
  AND enqueued IS NULL
  AND NOT EXISTS (
      SELECT FROM exports
      WHERE user_id = waiting.user_id
        AND (status = 'RUNNING' OR (status = 'PENDING' AND enqueued IS NOT NULL))
  )
ORDER BY user_id, id
