-- What loads have changed of the readings, so that they can be read as they were at any time since, and a load be undone.

-- Every load is a row now: of the API and of the command line too, where there may be no file. A load outlives its user
-- and owner, for readings of others may have been changed by it.
ALTER TABLE loads
    ALTER COLUMN project_owner_id DROP NOT NULL,
    ALTER COLUMN user_id DROP NOT NULL,
    ALTER COLUMN file_name DROP NOT NULL,                  -- null for what is no file
    ALTER COLUMN size DROP NOT NULL,                       -- null where nothing was sent, as when a load is undone
    ALTER COLUMN sha256 DROP NOT NULL,
    DROP CONSTRAINT loads_project_owner_id_fkey,
    DROP CONSTRAINT loads_user_id_fkey,
    ADD CONSTRAINT loads_project_owner_id_fkey FOREIGN KEY (project_owner_id) REFERENCES project_owners ON DELETE SET NULL,
    ADD CONSTRAINT loads_user_id_fkey FOREIGN KEY (user_id) REFERENCES users ON DELETE SET NULL,
    ADD COLUMN counts jsonb,                               -- created, updated ...; null of those before these columns
    ADD COLUMN energy jsonb,                               -- by unit, what was added and what was taken away
    ADD COLUMN undoes bigint REFERENCES loads ON DELETE SET NULL,
    ADD COLUMN changed timestamptz;                        -- when it changed readings; null where it changed none
CREATE INDEX ix_loads_changed ON loads (changed) WHERE changed IS NOT NULL;
DROP INDEX ix_loads_ended;
CREATE INDEX ix_loads_ended ON loads (ended) WHERE changed IS NULL; -- what the relay deletes
CREATE INDEX ix_loads_undoes ON loads (undoes) WHERE undoes IS NOT NULL;

-- Where a load put readings into a trace: spans in which nothing but what is new is stored once it has ended. No key leads
-- to the load, for these tables may be on other machines.
CREATE TABLE record_additions (
    metadata_id bigint         NOT NULL
        CONSTRAINT record_additions_metadata_id_fkey REFERENCES consumption_metadatas ON DELETE CASCADE,
    load_id     bigint         NOT NULL,
    first_start timestamptz(0) NOT NULL,
    last_start  timestamptz(0) NOT NULL,
    part        integer        NOT NULL                    -- the load's writes are numbered: later ones build on earlier
);
-- Not in a primary key: each of the two takes 7 bytes a row so, and there may be a row a day of each trace.
CREATE INDEX ix_record_additions_metadata_id ON record_additions (metadata_id);
CREATE INDEX ix_record_additions_load_id ON record_additions (load_id);

-- Readings as they were before a load changed or deleted them, as blocks are; with the value -Infinity where there was no
-- reading, of new ones that are scattered among old ones.
CREATE TABLE record_versions (
    metadata_id bigint             NOT NULL
        CONSTRAINT record_versions_metadata_id_fkey REFERENCES consumption_metadatas ON DELETE CASCADE,
    month       date               NOT NULL,
    first_start timestamptz(0)     NOT NULL,
    last_start  timestamptz(0)     NOT NULL,
    readings    integer            NOT NULL,
    energy      double precision   NOT NULL,
    step        integer,
    offsets     integer[],
    value       double precision[] NOT NULL,
    estimated   bit varying,
    load_id     bigint             NOT NULL,
    part        integer            NOT NULL,
    CONSTRAINT record_versions_pkey PRIMARY KEY (metadata_id, load_id, part, first_start),
    CONSTRAINT record_versions_check CHECK ((step IS NULL) <> (offsets IS NULL))
);
CREATE INDEX ix_record_versions_load_id ON record_versions (load_id);

DO $$
BEGIN
    IF 'lz4' = ANY ((SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression')::text[]) THEN
        ALTER TABLE record_versions ALTER COLUMN value SET COMPRESSION lz4;
        ALTER TABLE record_versions ALTER COLUMN offsets SET COMPRESSION lz4;
    END IF;
END $$;
