-- How many rows the file will have; what an earlier attempt has stored of it is deleted.
WITH left_over AS (
    DELETE FROM export_chunks
    WHERE export_id IN (SELECT id FROM exports WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s)
)
UPDATE exports
SET rows_total = %(total)s
WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
