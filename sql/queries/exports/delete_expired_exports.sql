-- Files are kept for a day; so is the news that there is none.
DELETE FROM exports WHERE status IN ('SUCCESS', 'FAILED') AND updated < clock_timestamp() - interval '1 day'
