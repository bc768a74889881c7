-- Not in a database of another release: its worker, which is of this one, would store what is wrong there.
UPDATE exports
SET status = 'RUNNING',
    attempts = attempts + 1,
    rows_done = 0,
    rows_total = NULL,
    started = clock_timestamp(),
    lease_expires = clock_timestamp() + %(lease_seconds)s * interval '1 second',
    updated = clock_timestamp()
WHERE id = %(id)s AND status = 'PENDING' AND (SELECT count(*) FROM schema_migrations) = %(migrations)s
RETURNING id, user_id, kind, format, projects, every_result, as_of, attempts
