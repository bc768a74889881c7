-- Whether anything is stored in any of these spans, a trace each.
SELECT EXISTS (
    SELECT
    FROM unnest(%(ids)s::bigint[], %(first)s::timestamptz[], %(last)s::timestamptz[]) AS spans (id, first, last)
    CROSS JOIN LATERAL (
        SELECT
        FROM consumption_records AS records
        WHERE records.metadata_id = spans.id AND records.start BETWEEN spans.first AND spans.last
        LIMIT 1
    ) AS found
)
