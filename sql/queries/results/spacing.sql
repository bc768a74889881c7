-- How far the readings of traces are apart on average, in seconds.
SELECT
    metadata_id,
    extract(epoch FROM last_start - first_start)::double precision / (readings - 1)
FROM trace_extents
WHERE metadata_id = ANY (%(traces)s) AND readings > 1
