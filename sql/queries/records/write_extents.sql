-- Say of these traces what is stored of them now, after their blocks have changed.
WITH emptied AS (
    DELETE FROM trace_extents
    WHERE metadata_id = ANY (%(ids)s)
      AND metadata_id NOT IN (SELECT metadata_id FROM consumption_blocks WHERE metadata_id = ANY (%(ids)s))
)
INSERT INTO trace_extents (metadata_id, first_start, last_start, readings, energy, changed)
SELECT metadata_id, min(first_start), max(last_start), sum(readings), sum(energy), clock_timestamp()
FROM consumption_blocks
WHERE metadata_id = ANY (%(ids)s)
GROUP BY metadata_id
ON CONFLICT (metadata_id) DO UPDATE SET
    first_start = excluded.first_start,
    last_start = excluded.last_start,
    readings = excluded.readings,
    energy = excluded.energy,
    changed = excluded.changed
