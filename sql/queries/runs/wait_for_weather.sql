-- The run is PENDING again, and queued when its download has ended, which wakes it. The relay is woken for the download.
WITH waiting AS (
    UPDATE project_runs
    SET status = 'PENDING',
        weather_download_id = %(download_id)s,
        waiting_for = %(waiting_for)s,
        lease_expires = NULL,
        enqueued = NULL,
        updated = clock_timestamp()
    WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
    RETURNING id
)
SELECT pg_notify('project_runs', id::text) FROM waiting
