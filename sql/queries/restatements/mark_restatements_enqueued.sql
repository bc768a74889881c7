UPDATE restatements SET enqueued = clock_timestamp() WHERE id = ANY(%(ids)s)
