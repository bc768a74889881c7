-- Results say that they are stale, since when at first, and by which load at first.
UPDATE project_results
SET stale_since = coalesce(stale_since, clock_timestamp()),
    stale_because = CASE
        WHEN %(reason)s = ANY (stale_because) THEN stale_because
        ELSE coalesce(stale_because, '{}') || %(reason)s::text
    END,
    stale_load_id = coalesce(stale_load_id, %(load_id)s)
WHERE id = ANY (%(ids)s)
