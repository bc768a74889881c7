-- Of records: the time as of which they are exported; null: as they are when the file is built.
ALTER TABLE exports ADD COLUMN as_of timestamptz;
