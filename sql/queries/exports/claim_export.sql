UPDATE exports
SET status = 'RUNNING',
    attempts = attempts + 1,
    rows_done = 0,
    rows_total = NULL,
    started = clock_timestamp(),
    lease_expires = clock_timestamp() + %(lease_seconds)s * interval '1 second',
    updated = clock_timestamp()
WHERE id = %(id)s AND status = 'PENDING'
RETURNING id, user_id, kind, format, projects, every_result, attempts
