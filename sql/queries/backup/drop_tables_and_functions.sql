-- Empties the schema public for a backup, but for what belongs to extensions.
DO $$
DECLARE
    object record;
BEGIN
    FOR object IN
        SELECT oid::regclass AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace
          AND relkind IN ('r', 'p')
          AND NOT relispartition
          AND NOT EXISTS (
              SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
          )
    LOOP
        EXECUTE format('DROP TABLE %s CASCADE', object.name);
    END LOOP;
    FOR object IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
          AND NOT EXISTS (
              SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
          )
    LOOP
        EXECUTE format('DROP ROUTINE %s CASCADE', object.name);
    END LOOP;
END $$;
