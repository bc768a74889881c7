-- Runs to put into the queue next. Owners take turns, who was served longest ago first, each with its oldest runs:
-- whoever requests one run waits behind a few of another owner's ten thousand, not behind all of them.
-- "Between" is "equal" without its being known, so that the index of the same order serves, which reads as many rows as it
-- returns; unless the statistics say that hardly any run waits, when reading all that do is as good.
SELECT run.id, run.request_id
FROM project_owners AS owner
CROSS JOIN LATERAL (
    SELECT id, request_id, row_number() OVER (ORDER BY project_owner_id, id) AS turn
    FROM project_runs
    WHERE project_owner_id BETWEEN owner.id AND owner.id AND status = 'PENDING' AND enqueued IS NULL
      AND weather_download_id IS NULL
    ORDER BY project_owner_id, id
    LIMIT %(limit)s
) AS run
ORDER BY run.turn, owner.served NULLS FIRST, run.id
LIMIT %(limit)s
