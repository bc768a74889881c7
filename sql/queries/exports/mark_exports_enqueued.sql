UPDATE exports SET enqueued = clock_timestamp() WHERE id = ANY(%(ids)s)
