-- Users who may not come in any more, and what a token is for.
ALTER TABLE users ADD COLUMN disabled timestamptz;         -- since when
ALTER TABLE tokens ADD COLUMN name varchar(255);

-- Savings as a file of their own, and workbooks.
ALTER TABLE exports
    DROP CONSTRAINT exports_kind_check,
    ADD CONSTRAINT exports_kind_check CHECK (kind IN ('results', 'savings', 'months', 'diagnostics', 'records')),
    DROP CONSTRAINT exports_format_check,
    ADD CONSTRAINT exports_format_check CHECK (format IN ('csv', 'parquet', 'xlsx'));
