-- Delete so many of the records that deleted traces left behind, and forget a trace that has none left. Answers how many
-- were deleted. Several may do this at once.
WITH trace AS (
    SELECT id FROM deleted_traces ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
),
deleted AS (
    DELETE FROM consumption_records
    WHERE (metadata_id, start) IN (
        SELECT metadata_id, start
        FROM consumption_records
        WHERE metadata_id = (SELECT id FROM trace)
        ORDER BY start
        LIMIT %(batch)s
    )
    RETURNING 1
),
forgotten AS (
    DELETE FROM deleted_traces
    WHERE id = (SELECT id FROM trace) AND (SELECT count(*) FROM deleted) < %(batch)s
)
SELECT count(*) FROM deleted
