-- What was sent, and what is stored in the same span of the same months of the same traces, in order of trace and time;
-- all that is stored in a month of many small blocks, so that they become one. `arrival` is the order of what was sent,
-- null for what is stored.
WITH sent AS MATERIALIZED (
    SELECT metadata_id, month, min(first_start) AS first, max(last_start) AS last
    FROM staged_blocks
    GROUP BY metadata_id, month
),
crowded AS MATERIALIZED (
    SELECT metadata_id, month, true AS is_crowded
    FROM consumption_blocks
    JOIN sent USING (metadata_id, month)
    WHERE metadata_id = ANY (%(ids)s) AND readings < %(small)s
    GROUP BY metadata_id, month
    HAVING count(*) >= %(many)s + metadata_id %% 8
)
SELECT
    metadata_id,
    date_part('epoch', first_start)::bigint,
    readings,
    step,
    array_send(offsets),
    array_send(value),
    varbit_send(estimated),
    date_part('epoch', last_start)::bigint,
    arrival
FROM (
    SELECT metadata_id, first_start, last_start, readings, step, offsets, value, estimated, arrival
    FROM staged_blocks
    UNION ALL
    SELECT metadata_id, first_start, last_start, readings, step, offsets, value, estimated, NULL
    FROM consumption_blocks
    JOIN sent USING (metadata_id, month)
    LEFT JOIN crowded USING (metadata_id, month)
    WHERE metadata_id = ANY (%(ids)s) AND (is_crowded OR (first_start <= sent.last AND last_start >= sent.first))
    ORDER BY metadata_id, first_start
) AS blocks
ORDER BY metadata_id, first_start
