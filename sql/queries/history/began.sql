-- Since when there is a history of the readings.
SELECT applied, clock_timestamp() FROM schema_migrations WHERE name = '0026_history'
