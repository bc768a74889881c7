-- FAILED runs are PENDING again. `attempts` goes on counting: a worker of an earlier attempt must not hold a new lease.
UPDATE project_runs
SET status = 'PENDING',
    traceback = NULL,
    lost = 0,
    enqueued = NULL,
    retried = clock_timestamp(),
    cancelled = NULL,
    cancelled_by = NULL,
    request_id = %(request_id)s,
    updated = clock_timestamp()
WHERE id = ANY(%(ids)s) AND status = 'FAILED'
RETURNING id
