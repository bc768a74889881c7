-- A FAILED run is PENDING again. `attempts` goes on counting: a worker of an earlier attempt must not hold a new lease.
WITH waiting AS (
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
    WHERE id = %(id)s AND status = 'FAILED'
    RETURNING id
)
SELECT pg_notify('project_runs', id::text) FROM waiting
