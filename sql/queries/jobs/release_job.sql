-- The order waits again, as if it had not been claimed; the relay is woken to offer it.
WITH given_back AS (
    UPDATE {table}
    SET status = 'PENDING', lease_expires = NULL, enqueued = NULL, updated = clock_timestamp()
    WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
    RETURNING id
)
SELECT pg_notify('project_runs', id::text) FROM given_back
