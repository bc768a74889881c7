-- Delete exports that ended long ago, with their files; also those that have none.
DELETE FROM exports WHERE status IN ('SUCCESS', 'FAILED') AND updated < clock_timestamp() - %(kept)s
