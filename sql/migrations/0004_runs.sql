-- Runs in bulk: owners take turns at the queue, and only a worker that was lost counts against a run.

ALTER TABLE project_runs
    ADD COLUMN lost integer NOT NULL DEFAULT 0,            -- workers that went away with the run in their hands
    ADD COLUMN project_owner_id bigint;                    -- whose turn it takes: the owner when it was ordered

UPDATE project_runs
SET project_owner_id = projects.project_owner_id
FROM projects
WHERE projects.id = project_runs.project_id;

ALTER TABLE project_runs ALTER COLUMN project_owner_id SET NOT NULL;

-- A trigger, so that it is known of every run, also of those that the release before this one still orders.
CREATE FUNCTION set_owner_of_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.project_owner_id := (SELECT project_owner_id FROM projects WHERE id = NEW.project_id);
    RETURN NEW;
END $$;

CREATE TRIGGER set_owner BEFORE INSERT ON project_runs FOR EACH ROW EXECUTE FUNCTION set_owner_of_run();

-- What the queue has yet to be told of, owner by owner.
CREATE INDEX ix_project_runs_turn ON project_runs (project_owner_id, id)
    WHERE status = 'PENDING' AND enqueued IS NULL;

ALTER TABLE project_owners ADD COLUMN served timestamptz;  -- when the queue was last given a run of theirs
