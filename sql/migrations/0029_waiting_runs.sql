-- Runs that wait for the temperatures of their stations, and runs that somebody has cancelled.

-- Years of a station that a worker is to fetch, for the runs that wait for them. It ends as SUCCESS also where the source
-- has none of them: the runs look for themselves what is there then.
CREATE TABLE weather_downloads (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station       text        NOT NULL,
    years         smallint[]  NOT NULL,
    status        varchar(7)  NOT NULL DEFAULT 'PENDING'
        CHECK (status IN ('PENDING', 'RUNNING', 'SUCCESS', 'FAILED')),
    message       text,                                    -- why it failed
    attempts      integer     NOT NULL DEFAULT 0,
    lost          integer     NOT NULL DEFAULT 0,
    started       timestamptz,
    lease_expires timestamptz,
    enqueued      timestamptz,
    request_id    text,
    added         timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated       timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- However many runs want the same, it is fetched once.
CREATE UNIQUE INDEX ix_weather_downloads_unfinished ON weather_downloads (station, years)
    WHERE status IN ('PENDING', 'RUNNING');
CREATE INDEX ix_weather_downloads_ended ON weather_downloads (updated) WHERE status IN ('SUCCESS', 'FAILED');

ALTER TABLE project_runs
    -- set while a PENDING run waits: no worker is given it
    ADD COLUMN weather_download_id bigint REFERENCES weather_downloads,
    ADD COLUMN waiting_for text,                           -- the same in words
    ADD COLUMN retried timestamptz,                        -- when it was last asked for again
    ADD COLUMN cancelled timestamptz,
    ADD COLUMN cancelled_by text,                          -- the name of the user
    ADD CONSTRAINT project_runs_waiting_check CHECK ((weather_download_id IS NULL) = (waiting_for IS NULL)),
    ADD CONSTRAINT project_runs_cancelled_check CHECK ((cancelled IS NULL) = (cancelled_by IS NULL));
CREATE INDEX ix_project_runs_weather_download_id ON project_runs (weather_download_id)
    WHERE weather_download_id IS NOT NULL;

-- What releases before this one wrote for want of a column.
UPDATE project_runs
SET cancelled = updated, cancelled_by = substr(traceback, 14)
WHERE status = 'FAILED' AND traceback LIKE 'cancelled by _%' AND traceback NOT LIKE E'%\n%';

DROP INDEX ix_project_runs_turn;
CREATE INDEX ix_project_runs_turn ON project_runs (project_owner_id, id)
    WHERE status = 'PENDING' AND enqueued IS NULL AND weather_download_id IS NULL;

-- A trigger, for a download is ended by its worker, by the keeper of its lease, and by the relay when workers are lost:
-- whoever ends it wakes the runs. They are queued, and see what is stored now.
CREATE FUNCTION wake_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE project_runs
    SET weather_download_id = NULL, waiting_for = NULL, updated = clock_timestamp()
    WHERE weather_download_id = NEW.id;
    PERFORM pg_notify('project_runs', '');
    RETURN NULL;
END $$;

CREATE TRIGGER wake_runs AFTER UPDATE OF status ON weather_downloads FOR EACH ROW
    WHEN (NEW.status IN ('SUCCESS', 'FAILED')) EXECUTE FUNCTION wake_runs();
