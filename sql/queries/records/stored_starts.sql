-- Which of these starts a trace has a record at.
SELECT start FROM consumption_records WHERE metadata_id = %(id)s AND start = ANY(%(starts)s::timestamptz[])
