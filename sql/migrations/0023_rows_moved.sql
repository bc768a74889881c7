-- The rows of readings are in blocks now: sql/queries/migrations/ has moved them.
DROP TABLE record_rows;
DROP TABLE moved_rows;
ALTER TABLE new_blocks RENAME TO consumption_blocks;
ALTER TABLE new_extents RENAME TO trace_extents;

-- For people's own SQL: a row a reading. A condition on metadata_id or month chooses the blocks, one on start does not.
CREATE VIEW consumption_records AS
SELECT
    blocks.metadata_id,
    blocks.first_start + make_interval(secs => coalesce(reading.seconds, (reading.place - 1) * blocks.step)) AS start,
    nullif(reading.value, 'NaN') AS value,
    coalesce(get_bit(blocks.estimated, reading.place::integer - 1) = 1, false) AS estimated,
    blocks.month
FROM consumption_blocks AS blocks
CROSS JOIN LATERAL unnest(blocks.value, blocks.offsets) WITH ORDINALITY AS reading (value, seconds, place);
