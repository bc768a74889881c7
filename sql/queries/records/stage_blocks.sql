-- What one load sends, before it is merged: a row for those readings of a month of a trace that came together. Emptied
-- first: after a rollback it still has the dead rows of that load. Nothing is compressed that is read once.
CREATE TEMP TABLE IF NOT EXISTS staged_blocks (
    LIKE consumption_blocks,
    arrival bigint GENERATED ALWAYS AS IDENTITY
) ON COMMIT DELETE ROWS;
ALTER TABLE staged_blocks ALTER COLUMN value SET STORAGE EXTERNAL, ALTER COLUMN offsets SET STORAGE EXTERNAL;
TRUNCATE staged_blocks;
-- The merge sorts and joins what was sent. Without statistics the planner may prefer scanning all that is stored.
SET LOCAL work_mem = '64MB';
SET LOCAL enable_seqscan = off;
