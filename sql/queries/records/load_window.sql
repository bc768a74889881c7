-- The records of a trace from the second last one that starts at or before `first` to the second one that starts at or after
-- `last`, as columns in the wire format of an array, which numpy reads as it is.
SELECT
    array_send(array_agg(start ORDER BY start)) AS start,                               -- microseconds since 2000
    array_send(array_agg(coalesce(value, 'NaN') ORDER BY start)) AS value,              -- NaN = missing
    array_send(array_agg(start ORDER BY start) FILTER (WHERE estimated)) AS estimated   -- the starts of those that are
FROM (
    (
        SELECT start, value, estimated
        FROM consumption_records
        WHERE metadata_id = %(id)s AND start <= %(first)s
        ORDER BY start DESC
        LIMIT 2
    )
    UNION ALL
    SELECT start, value, estimated
    FROM consumption_records
    WHERE metadata_id = %(id)s AND start > %(first)s AND start < %(last)s
    UNION ALL
    (
        SELECT start, value, estimated
        FROM consumption_records
        WHERE metadata_id = %(id)s AND start >= %(last)s
        ORDER BY start
        LIMIT 2
    )
) AS found
