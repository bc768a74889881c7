-- A result says when what it was computed from has changed, and what of it: readings, weather, periods or settings.
ALTER TABLE project_results
    ADD COLUMN stale_since timestamptz,
    ADD COLUMN stale_because text[],                       -- of readings, weather, periods, settings
    ADD COLUMN stale_load_id bigint                        -- the load that changed the readings, if one did
        REFERENCES loads ON DELETE SET NULL;
CREATE INDEX ix_project_results_stale_load_id ON project_results (stale_load_id) WHERE stale_load_id IS NOT NULL;
