-- The traces that a load has changed, and the span of starts in which it has.
SELECT metadata_id, min(first_start), max(last_start)
FROM (
    SELECT metadata_id, first_start, last_start FROM record_additions WHERE load_id = %(load)s
    UNION ALL
    SELECT metadata_id, first_start, last_start FROM record_versions WHERE load_id = %(load)s
) AS changed
GROUP BY metadata_id
ORDER BY metadata_id
