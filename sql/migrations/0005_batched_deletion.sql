-- Deleting a trace with millions of records takes as long as loading them. Those of large traces are left for the relay to
-- delete a batch at a time; the trace itself is gone at once, and with it every way to its records.

CREATE TABLE deleted_traces (
    id bigint PRIMARY KEY                                  -- of a trace that is no more, but still has records
);

CREATE OR REPLACE FUNCTION delete_records_of_deleted_traces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deleted_traces
    SELECT id FROM deleted
    WHERE EXISTS (SELECT FROM consumption_records WHERE metadata_id = deleted.id OFFSET 50000);

    DELETE FROM consumption_records
    WHERE metadata_id IN (SELECT id FROM deleted EXCEPT SELECT id FROM deleted_traces);
    RETURN NULL;
END $$;
