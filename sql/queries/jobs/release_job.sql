-- The job is PENDING again, as if it had not been claimed; the relay is woken to queue it.
WITH released AS (
    UPDATE {table}
    SET status = 'PENDING', lease_expires = NULL, enqueued = NULL, updated = clock_timestamp()
    WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
    RETURNING id
)
SELECT pg_notify('project_runs', id::text) FROM released
