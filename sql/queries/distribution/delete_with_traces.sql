-- What the foreign keys did: readings go with their trace. A distributed table can have no key of a table that is on the
-- coordinator alone, and the tables of traces, projects and owners had all to be on every node, each change of them by a
-- commit in two phases, for the sake of it.
CREATE OR REPLACE FUNCTION delete_readings_of_deleted_traces() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone bigint[] := ARRAY(SELECT id FROM deleted); -- a distributed statement cannot read the table of a transition
BEGIN
    IF cardinality(gone) > 0 THEN
        DELETE FROM consumption_blocks WHERE metadata_id = ANY (gone);
        DELETE FROM trace_extents WHERE metadata_id = ANY (gone);
        DELETE FROM record_additions WHERE metadata_id = ANY (gone);
        DELETE FROM record_versions WHERE metadata_id = ANY (gone);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER delete_readings AFTER DELETE ON consumption_metadatas
    REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION delete_readings_of_deleted_traces();
