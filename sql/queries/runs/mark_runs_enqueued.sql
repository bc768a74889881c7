-- These runs are in the queue; their owners have had their turn, in the order of the runs.
WITH enqueued_runs AS (
    UPDATE project_runs
    SET enqueued = clock_timestamp()
    WHERE id = ANY(%(ids)s)
    RETURNING id, project_owner_id
),
turns AS (
    SELECT project_owner_id, max(array_position(%(ids)s::bigint[], id)) AS turn
    FROM enqueued_runs
    GROUP BY project_owner_id
)
UPDATE project_owners
SET served = statement_timestamp() + turns.turn * interval '1 microsecond'
FROM turns
WHERE project_owners.id = turns.project_owner_id
