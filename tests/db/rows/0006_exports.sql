INSERT INTO exports (user_id, kind, format, status, rows_done, rows_total, bytes)
VALUES (1, 'records', 'csv', 'SUCCESS', 1, 1, 3);
INSERT INTO export_chunks VALUES (currval('exports_id_seq'), 0, 'a,b');
