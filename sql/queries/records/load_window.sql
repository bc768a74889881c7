-- The blocks of a trace that hold the readings from the second last one that starts at or before `first` to the second one
-- that starts at or after `last`: no block is empty, so that two before and two behind are enough.
SELECT
    metadata_id,
    date_part('epoch', first_start)::bigint,
    readings,
    step,
    array_send(offsets),
    array_send(value),
    varbit_send(estimated)
FROM (
    (
        SELECT *
        FROM consumption_blocks
        WHERE metadata_id = %(id)s AND first_start <= %(first)s
        ORDER BY first_start DESC
        LIMIT 2
    )
    UNION ALL
    SELECT *
    FROM consumption_blocks
    WHERE metadata_id = %(id)s AND first_start > %(first)s AND first_start < %(last)s
    UNION ALL
    (
        SELECT *
        FROM consumption_blocks
        WHERE metadata_id = %(id)s AND first_start >= %(last)s
        ORDER BY first_start
        LIMIT 2
    )
) AS found
ORDER BY first_start
