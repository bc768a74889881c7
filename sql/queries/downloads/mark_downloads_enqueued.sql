UPDATE weather_downloads SET enqueued = clock_timestamp() WHERE id = ANY(%(ids)s)
