-- How many stored values the staged records change in each trace, and their sum, before they are merged.
WITH sent AS (
    SELECT DISTINCT ON (metadata_id, start) metadata_id, start, value
    FROM staged_records
    ORDER BY metadata_id, start, ctid DESC
)
SELECT
    sent.metadata_id,
    count(*) AS readings,
    coalesce(sum(records.value) FILTER (WHERE abs(records.value) <= %(largest)s), 0) AS energy
FROM sent
JOIN consumption_records AS records USING (metadata_id, start)
WHERE records.value IS NOT NULL
  AND sent.value IS DISTINCT FROM records.value
  AND records.xmin <> pg_current_xact_id()::xid
GROUP BY sent.metadata_id
