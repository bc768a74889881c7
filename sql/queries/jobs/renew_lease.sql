-- Only the holder of the lease renews it.
UPDATE {table}
SET lease_expires = clock_timestamp() + %(lease_seconds)s * interval '1 second'
WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
