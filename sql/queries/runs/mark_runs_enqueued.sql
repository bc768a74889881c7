-- The queue has been told of these runs; their owners have had their turn.
WITH told AS (
    UPDATE project_runs
    SET enqueued = clock_timestamp()
    WHERE id = ANY(%(ids)s)
    RETURNING project_owner_id
)
UPDATE project_owners
SET served = clock_timestamp()
WHERE id IN (SELECT project_owner_id FROM told)
