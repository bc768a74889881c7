-- Only the holder of the lease ends the job: a late worker changes nothing.
UPDATE {table}
SET status = %(status)s, {reason} = %(reason)s, lease_expires = NULL, updated = clock_timestamp()
WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
