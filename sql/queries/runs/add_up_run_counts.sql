-- A row for each status instead of one for each change, once there are many.
WITH parts AS (
    DELETE FROM run_counts WHERE (SELECT count(*) FROM run_counts) > %(most)s
    RETURNING status, number
)
INSERT INTO run_counts (status, number) SELECT status, sum(number) FROM parts GROUP BY status
