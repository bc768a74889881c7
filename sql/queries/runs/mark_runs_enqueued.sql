-- These runs are in the queue; their owners have had their turn.
WITH enqueued_runs AS (
    UPDATE project_runs
    SET enqueued = clock_timestamp()
    WHERE id = ANY(%(ids)s)
    RETURNING project_owner_id
)
UPDATE project_owners
SET served = clock_timestamp()
WHERE id IN (SELECT project_owner_id FROM enqueued_runs)
