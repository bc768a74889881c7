-- Delete sets of time series that have been superseded for so long, some at a time, and say so in their results. A result
-- is superseded by a later one of its project that was ordered with the same settings; a set by that of the last of its
-- results. Marks of add_series_set and copy_result only say when that may have been, so that no more than those are
-- looked at; one that is wrong, for the settings were others or the later result is gone, is taken back. Nothing that
-- somebody else has locked is waited for: it is left for another time. Answers how many results have lost their series.
WITH due AS MATERIALIZED (
    SELECT id
    FROM series_sets
    WHERE superseded < now() - %(kept)s
    ORDER BY superseded
    LIMIT %(batch)s
    FOR UPDATE SKIP LOCKED -- who copies a result of it has locked it for that
),
results AS MATERIALIZED (
    SELECT id, series_set_id, project_id, meter_class, meter_settings
    FROM project_results
    WHERE series_set_id IN (SELECT id FROM due)
    FOR NO KEY UPDATE SKIP LOCKED -- who deletes it has locked it, and waits for the set
),
followed AS MATERIALIZED (
    SELECT results.series_set_id, later.added
    FROM results
    LEFT JOIN LATERAL (
        SELECT added
        FROM project_results AS later
        WHERE later.project_id = results.project_id
          AND later.id > results.id
          AND later.series_set_id IS NOT NULL
          AND later.meter_class IS NOT DISTINCT FROM results.meter_class
          AND later.meter_settings IS NOT DISTINCT FROM results.meter_settings
        ORDER BY added
        LIMIT 1
        FOR KEY SHARE SKIP LOCKED -- of one that is being deleted nothing is known yet
    ) AS later ON true
),
judged AS (
    SELECT series_set_id AS id, CASE WHEN count(*) = count(added) THEN max(added) END AS superseded
    FROM followed
    GROUP BY series_set_id
    HAVING count(*) = (SELECT count(*) FROM project_results WHERE series_set_id = followed.series_set_id)
),
corrected AS (
    UPDATE series_sets
    SET superseded = judged.superseded
    FROM judged
    WHERE judged.id = series_sets.id
      AND coalesce(judged.superseded, 'infinity') >= now() - %(kept)s
),
bare AS (
    UPDATE project_results
    SET series_set_id = NULL, series_dropped = now()
    FROM judged
    WHERE judged.id = project_results.series_set_id
      AND judged.superseded < now() - %(kept)s
    RETURNING project_results.id, judged.id AS set_id
),
dropped AS (
    DELETE FROM series_sets WHERE id IN (SELECT set_id FROM bare)
)
SELECT count(*) FROM bare
