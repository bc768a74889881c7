INSERT INTO deleted_traces VALUES (99);
INSERT INTO consumption_records (metadata_id, start, value) VALUES (99, '2013-07-01Z', 1);
