-- A project's traces or one of them, each with its records as columns of values in the wire format, which numpy reads as
-- they are. Strung together they take a quarter less of the server's time than as arrays.
SELECT
    traces.id,
    traces.interpretation,
    traces.unit,
    records.start,
    records.value,
    records.estimated
FROM consumption_metadatas AS traces
CROSS JOIN LATERAL (
    SELECT
        string_agg(timestamptz_send(start), '') AS start,                              -- microseconds since 2000
        string_agg(float8send(coalesce(value, 'NaN')), '') AS value,                   -- NaN = missing
        string_agg(timestamptz_send(start), '') FILTER (WHERE estimated) AS estimated  -- the starts of those that are
    FROM (
        SELECT start, value, estimated
        FROM consumption_records
        WHERE metadata_id = traces.id
        ORDER BY start
    ) AS ordered
) AS records
WHERE traces.project_id = %(project_id)s AND traces.id = coalesce(%(trace_id)s, traces.id)
ORDER BY traces.id
