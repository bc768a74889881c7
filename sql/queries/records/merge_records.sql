-- Bring the staged records into the table: insert what is new, update what differs, leave the rest untouched (not even a
-- row lock). The load holds the locks of its traces, so nothing changes between comparing and writing.
-- Answers: created, updated, unchanged, duplicates.
WITH sent AS MATERIALIZED (
    -- of several records with the same key the last one sent counts: ctid is the order of arrival
    SELECT DISTINCT ON (metadata_id, start) metadata_id, start, value, estimated
    FROM staged_records
    ORDER BY metadata_id, start, ctid DESC
),
spans AS MATERIALIZED (
    -- A trace's stored records are fetched as one range where what was sent is dense in it, else one by one.
    SELECT metadata_id, min(start) AS first, max(start) AS last,
           extract(epoch FROM max(start) - min(start)) <= 36 * 3600 * count(*) AS dense
    FROM sent
    GROUP BY metadata_id
),
stored AS MATERIALIZED (
    SELECT found.*
    FROM spans
    CROSS JOIN LATERAL (
        SELECT records.metadata_id, records.start, records.value, records.estimated,
               records.xmin = pg_current_xact_id()::xid AS is_of_this_load  -- copied before the rest was staged
        FROM consumption_records AS records
        WHERE records.metadata_id = spans.metadata_id AND records.start BETWEEN spans.first AND spans.last
        OFFSET 0
    ) AS found
    WHERE spans.dense
    UNION ALL
    SELECT found.*
    FROM spans
    JOIN sent USING (metadata_id)
    CROSS JOIN LATERAL (
        SELECT records.metadata_id, records.start, records.value, records.estimated,
               records.xmin = pg_current_xact_id()::xid AS is_of_this_load  -- copied before the rest was staged
        FROM consumption_records AS records
        WHERE records.metadata_id = sent.metadata_id AND records.start = sent.start
        OFFSET 0
    ) AS found
    WHERE NOT spans.dense
),
compared AS MATERIALIZED (
    SELECT
        sent.metadata_id, sent.start, sent.value, sent.estimated,
        stored.start IS NULL AS is_new,
        stored.start IS NOT NULL
            AND (sent.value, sent.estimated) IS DISTINCT FROM (stored.value, stored.estimated) AS is_changed,
        stored.is_of_this_load IS TRUE AS is_again
    FROM sent
    LEFT JOIN stored USING (metadata_id, start)
),
written AS (
    INSERT INTO consumption_records (start, value, metadata_id, estimated)
    SELECT start, value, metadata_id, estimated
    FROM compared
    WHERE is_new OR is_changed
    ORDER BY metadata_id, start
    ON CONFLICT (metadata_id, start) DO UPDATE SET value = excluded.value, estimated = excluded.estimated
)
SELECT
    count(*) FILTER (WHERE is_new) AS created,
    count(*) FILTER (WHERE is_changed AND NOT is_again) AS updated,
    count(*) FILTER (WHERE NOT is_new AND NOT is_changed AND NOT is_again) AS unchanged,
    (SELECT count(*) FROM staged_records) - count(*) FILTER (WHERE NOT is_again) AS duplicates
FROM compared
