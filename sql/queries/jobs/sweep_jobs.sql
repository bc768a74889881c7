-- Jobs whose leases have lapsed are PENDING again, or FAILED when that has happened too often.
UPDATE {table}
SET status = CASE WHEN lost + 1 < %(max_lost)s THEN 'PENDING' ELSE 'FAILED' END,
    {reason} = CASE WHEN lost + 1 < %(max_lost)s THEN NULL ELSE %(message)s END,
    lost = lost + 1,
    lease_expires = NULL,
    enqueued = NULL,
    updated = clock_timestamp()
WHERE status = 'RUNNING' AND lease_expires < clock_timestamp()
RETURNING id, status
