-- Only the holder of the lease adds to the file.
WITH held AS (
    UPDATE exports
    SET rows_done = %(rows_done)s
    WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
    RETURNING id
)
INSERT INTO export_chunks (export_id, position, content)
SELECT id, %(position)s, %(content)s FROM held
