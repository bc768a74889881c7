COPY record_additions (metadata_id, load_id, first_start, last_start, part) FROM STDIN (FORMAT BINARY)
