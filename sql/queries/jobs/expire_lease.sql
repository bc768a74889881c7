-- No worker has the job any more: the sweep need not wait for the lease to lapse.
UPDATE {table}
SET lease_expires = clock_timestamp()
WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
