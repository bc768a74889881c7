-- What is stored of these traces in a span of starts, and what loads since a time have changed of it, for
-- eeds.records.history.as_of: first the spans that a trace has got since, then its blocks by months, those of old readings
-- with the load that replaced them, its time and part. In order of trace and month; of a span the value is null.
SELECT
    metadata_id,
    date_part('epoch', first_start)::bigint,
    readings,
    step,
    array_send(offsets),
    array_send(value),
    varbit_send(estimated),
    month,
    date_part('epoch', last_start)::bigint,
    changed,
    part,
    load_id
FROM (
    SELECT
        additions.metadata_id, NULL AS month, first_start, last_start, 1 AS readings, NULL::integer AS step,
        NULL::integer[] AS offsets, NULL::float8[] AS value, NULL::varbit AS estimated,
        (extract(epoch FROM loads.changed) * 1000000)::bigint AS changed, part, load_id
    FROM record_additions AS additions
    JOIN loads ON loads.id = additions.load_id
    WHERE additions.metadata_id = ANY (%(ids)s) AND loads.changed > %(time)s
      AND last_start >= %(first)s AND first_start < %(end)s
    UNION ALL
    SELECT
        versions.metadata_id, month, first_start, last_start, readings, step, offsets, value, estimated,
        (extract(epoch FROM loads.changed) * 1000000)::bigint, part, load_id
    FROM record_versions AS versions
    JOIN loads ON loads.id = versions.load_id
    WHERE versions.metadata_id = ANY (%(ids)s) AND loads.changed > %(time)s
      AND last_start >= %(first)s AND first_start < %(end)s
    UNION ALL
    SELECT metadata_id, month, first_start, last_start, readings, step, offsets, value, estimated, NULL, NULL, NULL
    FROM consumption_blocks
    WHERE metadata_id = ANY (%(ids)s) AND last_start >= %(first)s AND first_start < %(end)s
) AS found
ORDER BY metadata_id, month NULLS FIRST
