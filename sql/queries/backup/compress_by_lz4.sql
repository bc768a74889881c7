-- What is stored after a restore is compressed by lz4, too, where the migrations would have it so.
DO $$
DECLARE
    compressed record;
BEGIN
    FOR compressed IN
        SELECT attrelid::regclass AS name, attname
        FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
        JOIN pg_type ON pg_type.oid = atttypid
        WHERE relnamespace = 'public'::regnamespace
          AND relname IN ('time_series', 'consumption_blocks', 'record_versions')
          AND attnum > 0
          AND NOT attisdropped
          AND typcategory = 'A'
          AND attstorage = 'x'
          AND current_setting('default_toast_compression') = 'lz4'
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET COMPRESSION lz4', compressed.name, compressed.attname);
    END LOOP;
END $$;
