-- The id of a load whose row is stored once it is known what became of it.
SELECT nextval(pg_get_serial_sequence('loads', 'id'))
