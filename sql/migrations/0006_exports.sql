-- Exports, built by workers: an order like a run, and its file in pieces, for web and workers share nothing but this.

ALTER TABLE exports
    DROP COLUMN content,                                   -- nothing has ever been in it
    ADD COLUMN projects bigint[],                          -- null: all that the user can see
    ADD COLUMN every_result boolean NOT NULL DEFAULT false,
    ADD COLUMN rows_done bigint NOT NULL DEFAULT 0,
    ADD COLUMN rows_total bigint,                          -- null: nobody has counted them yet
    ADD COLUMN bytes bigint,                               -- null: the file is not whole
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN lost integer NOT NULL DEFAULT 0,            -- workers that went away with the export in their hands
    ADD COLUMN started timestamptz,
    ADD COLUMN lease_expires timestamptz,
    ADD COLUMN enqueued timestamptz,                       -- when the queue was told of it
    ADD COLUMN request_id text,
    ADD CONSTRAINT exports_kind_check CHECK (kind IN ('results', 'diagnostics', 'records')),
    ADD CONSTRAINT exports_format_check CHECK (format IN ('csv', 'parquet'));

CREATE INDEX ix_exports_unfinished ON exports (user_id, id) WHERE status IN ('PENDING', 'RUNNING');

-- The file, to be put together in this order.
CREATE TABLE export_chunks (
    export_id bigint  NOT NULL REFERENCES exports ON DELETE CASCADE,
    position  integer NOT NULL,
    content   bytea   NOT NULL,
    PRIMARY KEY (export_id, position)
);
