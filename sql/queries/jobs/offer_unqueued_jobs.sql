-- Jobs that are not in the queue, though it was given them, are to be put there again. Not those of a moment ago: a worker
-- may have taken one, and be about to claim it.
UPDATE {table}
SET enqueued = NULL
WHERE status = 'PENDING'
  AND enqueued < clock_timestamp() - %(again_seconds)s * interval '1 second'
  AND id <> ALL(%(queued)s)
RETURNING id
