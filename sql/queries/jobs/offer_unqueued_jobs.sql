-- Orders that the queue was told of and does not know any more are to be offered again. Not those of a moment ago: a
-- worker may have taken them, and be about to claim them.
UPDATE {table}
SET enqueued = NULL
WHERE status = 'PENDING'
  AND enqueued < clock_timestamp() - %(again_seconds)s * interval '1 second'
  AND id <> ALL(%(known)s)
RETURNING id
