-- What one load sends, before it is merged. Emptied first: after a rollback it still has the dead rows of that load.
CREATE TEMP TABLE IF NOT EXISTS staged_records (
    metadata_id bigint           NOT NULL,
    start       timestamptz(0)   NOT NULL,
    value       double precision,
    estimated   boolean          NOT NULL
) ON COMMIT DELETE ROWS;
TRUNCATE staged_records;
-- The merge sorts and hashes what was sent. Without statistics the planner may prefer scanning all that is stored.
SET LOCAL work_mem = '64MB';
SET LOCAL enable_seqscan = off;
