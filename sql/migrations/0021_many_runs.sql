-- However many runs have been made: what looks for those that have not ended, or for the latest of a project, reads no
-- other, and nobody counts them all.

DROP INDEX ix_project_runs_project_id;
CREATE INDEX ix_project_runs_latest ON project_runs (project_id, id);
DROP INDEX ix_project_results_project_id;
CREATE INDEX ix_project_results_latest ON project_results (project_id, id);

-- What the relay deletes.
CREATE INDEX ix_exports_ended ON exports (updated) WHERE status IN ('SUCCESS', 'FAILED');
CREATE INDEX ix_loads_ended ON loads (ended);
CREATE INDEX ix_idempotency_keys_added ON idempotency_keys (added);

-- How many runs there are of each status: the sum of what each statement has changed. A row of each, and not one for all
-- to update, so that nobody waits for another one's transaction; the relay adds the rows up.
CREATE TABLE run_counts (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    status varchar(7) NOT NULL,
    number bigint     NOT NULL
);

INSERT INTO run_counts (status, number) SELECT status, count(*) FROM project_runs GROUP BY status;

CREATE FUNCTION count_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO run_counts (status, number) SELECT status, count(*) FROM new_runs GROUP BY status;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO run_counts (status, number) SELECT status, -count(*) FROM old_runs GROUP BY status;
    ELSE
        INSERT INTO run_counts (status, number)
        SELECT status, sum(number)
        FROM (SELECT status, 1 AS number FROM new_runs UNION ALL SELECT status, -1 FROM old_runs) AS changes
        GROUP BY status
        HAVING sum(number) <> 0;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER count_inserted AFTER INSERT ON project_runs
    REFERENCING NEW TABLE AS new_runs FOR EACH STATEMENT EXECUTE FUNCTION count_runs();
CREATE TRIGGER count_updated AFTER UPDATE ON project_runs
    REFERENCING OLD TABLE AS old_runs NEW TABLE AS new_runs FOR EACH STATEMENT EXECUTE FUNCTION count_runs();
CREATE TRIGGER count_deleted AFTER DELETE ON project_runs
    REFERENCING OLD TABLE AS old_runs FOR EACH STATEMENT EXECUTE FUNCTION count_runs();
