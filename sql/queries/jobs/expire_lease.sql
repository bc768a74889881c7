-- Nobody works on the order any more: the sweeper need not wait for the lease to lapse.
UPDATE {table}
SET lease_expires = clock_timestamp()
WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
