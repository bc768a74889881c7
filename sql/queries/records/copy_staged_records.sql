COPY staged_records (metadata_id, start, value, estimated) FROM STDIN (FORMAT BINARY)
