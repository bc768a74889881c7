-- The blocks of these months of these traces, in order; they are sorted before their arrays are read. Of more readings than
-- %(most)s in all no arrays are given.
SELECT
    metadata_id,
    date_part('epoch', first_start)::bigint,
    readings,
    step,
    CASE WHEN total <= %(most)s THEN array_send(offsets) END,
    CASE WHEN total <= %(most)s THEN array_send(value) END,
    varbit_send(estimated)
FROM (
    SELECT blocks.*, sum(blocks.readings) OVER () AS total
    FROM consumption_blocks AS blocks
    JOIN (SELECT DISTINCT id, month FROM unnest(%(ids)s::bigint[], %(months)s::date[]) AS keys (id, month)) AS keys
        ON blocks.metadata_id = keys.id AND blocks.month = keys.month
    WHERE blocks.metadata_id = ANY (%(ids)s)
    ORDER BY blocks.metadata_id, blocks.first_start
) AS sorted
ORDER BY metadata_id, first_start
