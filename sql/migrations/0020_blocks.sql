-- Readings in blocks: a row for consecutive readings of a trace that start in one calendar month (UTC), one or a few rows a
-- month. A reading takes 8 bytes before compression; as a row of its own it took 92 with its place in the index.

ALTER TABLE consumption_records RENAME TO record_rows;     -- moved by sql/queries/migrations/, dropped when that is done
DROP TRIGGER delete_records ON consumption_metadatas;
DROP FUNCTION delete_records_of_deleted_traces;
DROP TABLE deleted_traces;

-- The trace up to which the rows are moved, in order of id.
CREATE TABLE moved_rows (
    up_to bigint NOT NULL
);
INSERT INTO moved_rows VALUES (0);

-- The tables have their own names only when all rows are moved: nobody shall read a part of the readings, or write some
-- beside them.

-- The blocks of a trace do not overlap: each ends before the next one begins.
CREATE TABLE new_blocks (
    metadata_id bigint             NOT NULL
        CONSTRAINT consumption_blocks_metadata_id_fkey REFERENCES consumption_metadatas ON DELETE CASCADE,
    month       date               NOT NULL,               -- its first day
    first_start timestamptz(0)     NOT NULL,
    last_start  timestamptz(0)     NOT NULL,
    readings    integer            NOT NULL,               -- how many, missing ones too
    energy      double precision   NOT NULL,               -- the sum of the values, without those beyond 1e200
    step        integer,                                   -- seconds from each start to the next; null where they differ
    offsets     integer[],                                 -- then the seconds from the first start to each
    value       double precision[] NOT NULL,               -- NaN = missing, never zero
    estimated   bit varying,                               -- 1 = estimated; null where none is
    CONSTRAINT consumption_blocks_pkey PRIMARY KEY (metadata_id, first_start),
    CONSTRAINT consumption_blocks_check CHECK ((step IS NULL) <> (offsets IS NULL))
);

-- lz4 is several times as fast as what every Postgres has.
DO $$
BEGIN
    IF 'lz4' = ANY ((SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression')::text[]) THEN
        ALTER TABLE new_blocks ALTER COLUMN value SET COMPRESSION lz4;
        ALTER TABLE new_blocks ALTER COLUMN offsets SET COMPRESSION lz4;
    END IF;
END $$;

-- What is stored of a trace, in one row: written by whoever writes its blocks, in the same transaction. A trace without
-- readings has none.
CREATE TABLE new_extents (
    metadata_id bigint
        CONSTRAINT trace_extents_pkey PRIMARY KEY
        CONSTRAINT trace_extents_metadata_id_fkey REFERENCES consumption_metadatas ON DELETE CASCADE,
    first_start timestamptz(0)   NOT NULL,
    last_start  timestamptz(0)   NOT NULL,
    readings    bigint           NOT NULL,
    energy      double precision NOT NULL,
    changed     timestamptz      NOT NULL                  -- when its readings were last changed
);
