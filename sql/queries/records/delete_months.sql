-- Delete the blocks of these months of these traces.
DELETE FROM consumption_blocks
WHERE metadata_id = ANY (%(ids)s)
  AND (metadata_id, month) IN (SELECT id, month FROM unnest(%(ids)s::bigint[], %(months)s::date[]) AS keys (id, month))
