-- Runs that are RUNNING lose their lease with their status: the workers that compute them can store nothing any more.
UPDATE project_runs
SET status = 'FAILED',
    traceback = 'cancelled by ' || %(by)s::text,
    cancelled = clock_timestamp(),
    cancelled_by = %(by)s,
    weather_download_id = NULL,
    waiting_for = NULL,
    lease_expires = NULL,
    updated = clock_timestamp()
WHERE id = ANY(%(ids)s) AND status IN ('PENDING', 'RUNNING')
RETURNING id
