-- A backup does not say by what its columns are compressed, for it may go to a server without lz4. Where there is lz4,
-- what is restored is compressed by it.
SELECT set_config('default_toast_compression', 'lz4', true)
FROM pg_settings
WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals);
