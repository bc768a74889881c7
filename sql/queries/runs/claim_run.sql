-- Not in a database of another release: its worker, which is of this one, would store what is wrong there.
UPDATE project_runs
SET status = 'RUNNING',
    attempts = attempts + 1,
    started = clock_timestamp(),
    lease_expires = clock_timestamp() + %(lease_seconds)s * interval '1 second',
    updated = clock_timestamp()
WHERE id = %(id)s AND status = 'PENDING' AND weather_download_id IS NULL
  AND (SELECT count(*) FROM schema_migrations) = %(migrations)s
RETURNING id, project_id, meter_class, meter_settings, attempts
