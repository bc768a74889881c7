-- Nobody works on the run any more: the sweeper need not wait for the lease to lapse.
UPDATE project_runs
SET lease_expires = clock_timestamp()
WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
