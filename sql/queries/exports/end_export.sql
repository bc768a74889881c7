-- The file is whole. The relay is woken, to queue the next export of the user.
WITH ended AS (
    UPDATE exports
    SET status = 'SUCCESS',
        rows_done = %(rows)s,
        rows_total = %(rows)s,
        bytes = %(bytes)s,
        lease_expires = NULL,
        updated = clock_timestamp()
    WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
    RETURNING id
)
SELECT pg_notify('project_runs', id::text) FROM ended
