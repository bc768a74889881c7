INSERT INTO consumption_blocks
(metadata_id, month, first_start, last_start, readings, energy, step, offsets, value, estimated) VALUES
(1, '2013-07-01', '2013-07-01Z', '2013-07-03Z', 3, 22.5, 86400, NULL, '{10, NaN, 12.5}', B'001'),
(2, '2013-07-01', '2013-07-01Z', '2013-07-01Z', 1, 1.25, 0, NULL, '{1.25}', NULL);
INSERT INTO trace_extents (metadata_id, first_start, last_start, readings, energy, changed) VALUES
(1, '2013-07-01Z', '2013-07-03Z', 3, 22.5, '2013-08-01Z'),
(2, '2013-07-01Z', '2013-07-01Z', 1, 1.25, '2013-08-01Z');
