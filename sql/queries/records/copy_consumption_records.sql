COPY consumption_records (metadata_id, start, value, estimated) FROM STDIN (FORMAT BINARY)
