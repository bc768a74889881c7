-- Only who holds the lease ends the order: a late worker changes nothing.
UPDATE {table}
SET status = %(status)s, {reason} = %(reason)s, lease_expires = NULL, updated = clock_timestamp()
WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
