COPY consumption_blocks (metadata_id, month, first_start, last_start, readings, energy, step, offsets, value, estimated)
FROM STDIN (FORMAT BINARY)
