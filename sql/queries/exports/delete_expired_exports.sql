-- Delete exports that ended long ago, with their files; also those that have none.
-- By now(), which an index can be asked for, as it cannot by a clock that goes on.
DELETE FROM exports WHERE status IN ('SUCCESS', 'FAILED') AND updated < now() - %(kept)s
