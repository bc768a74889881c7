-- Move the readings of the next traces from rows to blocks, in order of the traces' ids. Gives the last of these ids and
-- that of the last trace; no row when all are moved.
WITH traces AS MATERIALIZED (
    SELECT id FROM consumption_metadatas WHERE id > (SELECT up_to FROM moved_rows) ORDER BY id LIMIT %(traces)s
),
rows AS (
    SELECT
        metadata_id,
        date_trunc('month', start AT TIME ZONE 'UTC')::date AS month,
        start,
        coalesce(value, 'NaN') AS value,
        estimated,
        start - lag(start) OVER months AS step,
        extract(epoch FROM start - min(start) OVER months)::integer AS seconds
    FROM record_rows
    WHERE metadata_id = ANY (ARRAY(SELECT id FROM traces))
    WINDOW months AS (PARTITION BY metadata_id, date_trunc('month', start AT TIME ZONE 'UTC') ORDER BY start)
),
blocks AS (
    INSERT INTO new_blocks
        (metadata_id, month, first_start, last_start, readings, energy, step, offsets, value, estimated)
    SELECT
        metadata_id,
        month,
        min(start),
        max(start),
        count(*),
        coalesce(sum(value) FILTER (WHERE abs(value) <= 1e200), 0),
        CASE WHEN count(DISTINCT step) < 2 THEN coalesce(extract(epoch FROM min(step))::integer, 0) END,
        CASE WHEN count(DISTINCT step) >= 2 THEN array_agg(seconds ORDER BY start) END,
        array_agg(value ORDER BY start),
        CASE WHEN bool_or(estimated) THEN string_agg(estimated::integer::text, '' ORDER BY start)::bit varying END
    FROM rows
    GROUP BY metadata_id, month
    RETURNING metadata_id, first_start, last_start, readings, energy
),
extents AS (
    INSERT INTO new_extents (metadata_id, first_start, last_start, readings, energy, changed)
    SELECT metadata_id, min(first_start), max(last_start), sum(readings), sum(energy), now()
    FROM blocks
    GROUP BY metadata_id
)
UPDATE moved_rows SET up_to = (SELECT max(id) FROM traces) WHERE EXISTS (SELECT 1 FROM traces) RETURNING
    up_to, (SELECT max(id) FROM consumption_metadatas)
