-- Only who holds the lease ends the run: a late worker changes nothing.
UPDATE project_runs
SET status = %(status)s, traceback = %(traceback)s, lease_expires = NULL, updated = clock_timestamp()
WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
