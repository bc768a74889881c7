-- The rows of readings are in blocks now: sql/queries/migrations/ has moved them.
DROP TABLE record_rows;
DROP TABLE moved_rows;
