-- The time series of a result are shared with the results that were copied of it, and take half of the room: what follows
-- from the rest is not stored, what remains is compressed where it can be. Those of superseded results may be deleted.
--
-- Stored series are rewritten here, in one transaction, while nothing else can read or store any: if it is interrupted,
-- nothing has happened. 100,000 results of two years of days take about a minute, of two years of hours about half an hour.
-- There must be room for 45 % of what time_series takes; all that is free when the migration has ended.

-- The series of a result, and of all copies of it. No key leads to the project: a set goes with its last result.
CREATE TABLE series_sets (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id bigint NOT NULL,
    superseded timestamptz                                 -- since when the project has had a later one; see drop_series
);
CREATE INDEX ix_series_sets_superseded ON series_sets (superseded) WHERE superseded IS NOT NULL;
CREATE INDEX ix_series_sets_not_superseded ON series_sets (project_id) WHERE superseded IS NULL;

ALTER TABLE project_results
    ADD COLUMN series_set_id bigint REFERENCES series_sets,
    ADD COLUMN series_dropped timestamptz;                 -- when its series were deleted, for it was superseded
CREATE INDEX ix_project_results_series_set_id ON project_results (series_set_id);

-- A result, its copies and their copies have one set, which has the id of the first of them that is still stored.
WITH series_owners AS (
    SELECT
        id,
        project_id,
        min(id) OVER (
            PARTITION BY project_id, coalesce((provenance ->> 'reused_from')::bigint, id)
        ) AS set_id
    FROM project_results
    WHERE EXISTS (SELECT FROM time_series WHERE project_result_id = project_results.id)
),
sets AS (
    INSERT INTO series_sets (id, project_id) OVERRIDING SYSTEM VALUE
    SELECT id, project_id FROM series_owners WHERE id = set_id
)
UPDATE project_results SET series_set_id = set_id FROM series_owners WHERE series_owners.id = project_results.id;

SELECT setval(pg_get_serial_sequence('series_sets', 'id'), max(id)) FROM series_sets HAVING max(id) IS NOT NULL;

-- All but that of the latest result of its project.
UPDATE series_sets
SET superseded = clock_timestamp()
WHERE id NOT IN (
    SELECT DISTINCT ON (project_id) series_set_id
    FROM project_results
    WHERE series_set_id IS NOT NULL
    ORDER BY project_id, id DESC
);

ALTER TABLE time_series RENAME TO time_series_of_results;
ALTER TABLE time_series_of_results RENAME CONSTRAINT time_series_pkey TO time_series_of_results_pkey;

-- What a trace used and what its models say of it, an element a row of the series; NaN = missing. Row i, from 0 on,
-- starts at first + step * i + shift[i] seconds, a null shift being none, and is of the local day first_day + i, where
-- there is no array of days; rows of hours have none. Its bounds are baseline -/+ distance, where they have no arrays.
-- The view time_series_rows has it so.
CREATE TABLE time_series (
    series_set_id   bigint             NOT NULL REFERENCES series_sets ON DELETE CASCADE,
    energy_trace_id bigint             NOT NULL,
    resolution      text               NOT NULL
        CHECK (resolution IN ('daily', 'hourly', 'billing')),
    first           timestamptz        NOT NULL,
    step            integer            NOT NULL,
    shift           bigint[],
    first_day       date,
    day             date[],
    observed        double precision[] NOT NULL,
    temperature     double precision[] NOT NULL,
    baseline        double precision[] NOT NULL,
    distance        double precision,
    lower           double precision[],
    upper           double precision[],
    reporting       double precision[] NOT NULL,
    PRIMARY KEY (series_set_id, energy_trace_id)
);

-- lz4 where this Postgres was built with it, for it is many times as fast as its own. Readings and temperatures come to
-- half of their size or less, predictions hardly at all: their last digits are noise.
DO $$
DECLARE
    compressed text;
BEGIN
    IF 'lz4' <> ALL ((SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression')::text[]) THEN
        RETURN; -- pglz, which there is always
    END IF;
    FOREACH compressed IN ARRAY ARRAY[
        'shift', 'day', 'observed', 'temperature', 'baseline', 'lower', 'upper', 'reporting'
    ] LOOP
        EXECUTE format('ALTER TABLE time_series ALTER COLUMN %I SET COMPRESSION lz4', compressed);
    END LOOP;
END $$;

-- What follows is left out where it follows to the last digit. OFFSET 0 has each subquery computed once, and the first
-- element of an array read once, not for each of its elements.
INSERT INTO time_series
SELECT
    old.project_result_id,
    old.energy_trace_id,
    old.resolution,
    coalesce(firsts.start, 'epoch'),
    firsts.step,
    shifts.shift,
    firsts.day,
    CASE WHEN EXISTS (
        SELECT FROM unnest(old.day) WITH ORDINALITY AS days (day, place) WHERE day <> firsts.day + (place - 1)::integer
    ) THEN old.day END,
    old.observed,
    old.temperature,
    old.baseline,
    CASE WHEN bounds.follow THEN firsts.distance END,
    CASE WHEN NOT bounds.follow THEN old.lower END,
    CASE WHEN NOT bounds.follow THEN old.upper END,
    old.reporting
FROM time_series_of_results AS old
JOIN series_sets ON series_sets.id = old.project_result_id
CROSS JOIN LATERAL (
    SELECT
        old.start[1] AS start,
        old.day[1] AS day,
        CASE WHEN old.resolution = 'hourly' THEN 3600 ELSE 86400 END AS step,
        coalesce((
            SELECT model.upper
            FROM energy_trace_model_results AS model
            JOIN modeling_periods AS period ON period.id = model.modeling_period_id
            WHERE model.project_result_id = old.project_result_id
              AND model.energy_trace_id = old.energy_trace_id
              AND period.interpretation = 'BASELINE'
              AND abs(model.upper) < 1e300
            LIMIT 1
        ), 'NaN') AS distance
    OFFSET 0
) AS firsts
CROSS JOIN LATERAL (
    SELECT CASE WHEN bool_or(shift <> 0) THEN array_agg(shift ORDER BY place) END AS shift
    FROM (
        SELECT date_part('epoch', start - firsts.start)::bigint - firsts.step * (place - 1) AS shift, place
        FROM unnest(old.start) WITH ORDINALITY AS starts (start, place)
    ) AS compared
    OFFSET 0
) AS shifts
CROSS JOIN LATERAL (
    SELECT NOT EXISTS (
        SELECT
        FROM unnest(old.baseline, old.lower, old.upper) AS rows (baseline, lower, upper)
        WHERE CASE
            WHEN abs(rows.baseline) < 1e300 -- no difference overflows
                THEN rows.baseline - firsts.distance <> rows.lower OR rows.baseline + firsts.distance <> rows.upper
            ELSE (rows.baseline, rows.lower, rows.upper) <> ('NaN', 'NaN', 'NaN')
        END
    ) AS follow
    OFFSET 0
) AS bounds;

DROP TABLE time_series_of_results;

CREATE VIEW time_series_rows AS
SELECT
    project_results.id AS project_result_id,
    series.energy_trace_id,
    series.resolution,
    series.first + (series.step * (rows.place - 1) + coalesce(rows.shift, 0)) * interval '1 second' AS start,
    coalesce(rows.day, series.first_day + (rows.place - 1)::integer) AS day,
    rows.observed,
    rows.temperature,
    rows.baseline,
    coalesce(rows.lower, rows.baseline - series.distance) AS lower,
    coalesce(rows.upper, rows.baseline + series.distance) AS upper,
    rows.reporting
FROM project_results
JOIN time_series AS series USING (series_set_id)
CROSS JOIN LATERAL unnest(
    series.observed, series.temperature, series.baseline, series.lower, series.upper, series.reporting,
    series.shift, series.day
) WITH ORDINALITY AS rows (observed, temperature, baseline, lower, upper, reporting, shift, day, place);

-- A set goes with the last result that has it. It is locked first: of two who delete its last two results at once, the
-- later one then sees that the other's is gone, and who copies one of them meanwhile is waited for.
CREATE FUNCTION delete_unused_series() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    locked bigint[];
BEGIN
    locked := ARRAY(
        SELECT id FROM series_sets WHERE id IN (SELECT series_set_id FROM deleted) ORDER BY id FOR UPDATE
    );
    DELETE FROM series_sets
    WHERE id = ANY(locked)
      AND NOT EXISTS (SELECT FROM project_results WHERE series_set_id = series_sets.id);
    RETURN NULL;
END $$;

CREATE TRIGGER delete_unused_series AFTER DELETE ON project_results
    REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION delete_unused_series();
