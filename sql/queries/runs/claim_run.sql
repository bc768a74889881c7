UPDATE project_runs
SET status = 'RUNNING',
    attempts = attempts + 1,
    started = clock_timestamp(),
    lease_expires = clock_timestamp() + %(lease_seconds)s * interval '1 second',
    updated = clock_timestamp()
WHERE id = %(id)s AND status = 'PENDING'
RETURNING id, project_id, meter_class, meter_settings, attempts
