-- When what is stored of traces has changed last.
SELECT metadata_id, changed FROM trace_extents WHERE metadata_id = ANY (%(ids)s)
