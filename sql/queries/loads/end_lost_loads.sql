-- End the loads that nobody works on any more: their locks are free.
WITH unfinished AS MATERIALIZED (SELECT id FROM loads WHERE status IN ('PENDING', 'RUNNING'))
UPDATE loads
SET status = 'FAILED', message = %(message)s, ended = clock_timestamp()
FROM unfinished
WHERE loads.id = unfinished.id
    AND loads.status IN ('PENDING', 'RUNNING')  -- it may have ended meanwhile
    AND pg_try_advisory_xact_lock(hashtextextended(%(lock)s, loads.id))
