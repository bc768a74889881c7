-- Results say for which reasons they are stale; those without one are not, any more.
UPDATE project_results AS results
SET stale_because = nullif(given.reasons, '{}'),
    stale_since = CASE WHEN given.reasons <> '{}' THEN coalesce(results.stale_since, clock_timestamp()) END
FROM (
    SELECT id, string_to_array(reasons, ',') AS reasons
    FROM unnest(%(ids)s::bigint[], %(reasons)s::text[]) AS changed (id, reasons)
) AS given
WHERE results.id = given.id
