INSERT INTO run_counts (status, number) VALUES ('PENDING', 1), ('PENDING', -1);
