-- What tells this database from all others: the number that initdb gave to its server, and its own in that.
SELECT system_identifier, pg_database.oid
FROM pg_control_system()
JOIN pg_database ON datname = current_database()
