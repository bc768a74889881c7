-- The records of a trace from the second last one that starts at or before `first` to the second one that starts at or after
-- `last`, as columns of values in the wire format, which numpy reads as they are.
SELECT
    -- microseconds since 2000
    string_agg(timestamptz_send(start), '' ORDER BY start) AS start,
    -- NaN = missing
    string_agg(float8send(coalesce(value, 'NaN')), '' ORDER BY start) AS value,
    -- the starts of those that are
    string_agg(timestamptz_send(start), '' ORDER BY start) FILTER (WHERE estimated) AS estimated
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
