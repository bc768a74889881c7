-- All readings of traces, as a span each.
SELECT metadata_id, first_start, last_start FROM trace_extents WHERE metadata_id = ANY (%(traces)s)
