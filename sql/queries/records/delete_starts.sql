-- Delete the records of a trace at these starts.
DELETE FROM consumption_records WHERE metadata_id = %(id)s AND start = ANY(%(starts)s::timestamptz[])
