-- Delete the blocks of these traces that begin at these times.
DELETE FROM consumption_blocks
WHERE metadata_id = ANY (%(ids)s)
  AND (metadata_id, first_start) IN (
      SELECT id, first FROM unnest(%(ids)s::bigint[], %(first)s::timestamptz[]) AS keys (id, first)
  )
