COPY record_versions (
    metadata_id, month, first_start, last_start, readings, energy, step, offsets, value, estimated, load_id, part
)
FROM STDIN (FORMAT BINARY)
