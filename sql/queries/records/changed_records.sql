-- The first stored values that the staged records change, before they are merged; not those that this load has copied
-- itself.
WITH sent AS (
    SELECT DISTINCT ON (metadata_id, start) metadata_id, start, value
    FROM staged_records
    ORDER BY metadata_id, start, ctid DESC
)
SELECT sent.metadata_id, sent.start, records.value AS before, sent.value AS after
FROM sent
JOIN consumption_records AS records USING (metadata_id, start)
WHERE records.value IS NOT NULL
  AND sent.value IS DISTINCT FROM records.value
  AND records.xmin <> pg_current_xact_id()::xid
ORDER BY sent.metadata_id, sent.start
LIMIT %(limit)s
