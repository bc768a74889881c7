-- Not in a database of another release: its worker, which is of this one, would store what is wrong there.
UPDATE weather_downloads
SET status = 'RUNNING',
    attempts = attempts + 1,
    started = clock_timestamp(),
    lease_expires = clock_timestamp() + %(lease_seconds)s * interval '1 second',
    updated = clock_timestamp()
WHERE id = %(id)s AND status = 'PENDING' AND (SELECT count(*) FROM schema_migrations) = %(migrations)s
RETURNING id, station, years, added, attempts
