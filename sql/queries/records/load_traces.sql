-- A project's traces or one of them, each with its records as columns in the wire format of an array, which numpy reads
-- as it is.
SELECT
    traces.id,
    traces.interpretation,
    traces.unit,
    array_send(records.start) AS start,          -- microseconds since 2000
    array_send(records.value) AS value,          -- NaN = missing
    array_send(records.estimated) AS estimated   -- the starts of those that are; most traces have few
FROM consumption_metadatas AS traces
CROSS JOIN LATERAL (
    SELECT
        array_agg(start) AS start,
        array_agg(coalesce(value, 'NaN')) AS value,
        array_agg(start) FILTER (WHERE estimated) AS estimated
    FROM (
        SELECT start, value, estimated
        FROM consumption_records
        WHERE metadata_id = traces.id
        ORDER BY start
    ) AS ordered
) AS records
WHERE traces.project_id = %(project_id)s AND traces.id = coalesce(%(trace_id)s, traces.id)
ORDER BY traces.id
