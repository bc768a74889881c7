-- The blocks of these traces, in order of trace and time; they are sorted before the arrays are read. The order is said
-- outside, too, which costs nothing: the parts of nodes would come as they are done.
SELECT
    metadata_id,
    date_part('epoch', first_start)::bigint,
    readings,
    step,
    array_send(offsets),
    array_send(value),
    varbit_send(estimated)
FROM (
    SELECT *
    FROM consumption_blocks
    WHERE metadata_id = ANY (%(ids)s)
    ORDER BY metadata_id, first_start
) AS sorted
ORDER BY metadata_id, first_start
