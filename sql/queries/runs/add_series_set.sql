-- A set for the time series of a new result of a project. Those of the results before may be superseded by it, as
-- drop_series finds out; one that somebody else is changing is marked with the next result.
WITH marked AS (
    UPDATE series_sets
    SET superseded = clock_timestamp()
    WHERE id IN (
        SELECT id
        FROM series_sets
        WHERE project_id = %(project_id)s AND superseded IS NULL
        FOR NO KEY UPDATE SKIP LOCKED
    )
)
INSERT INTO series_sets (project_id) VALUES (%(project_id)s) RETURNING id
