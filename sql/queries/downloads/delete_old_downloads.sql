-- What ended a day ago: what is stored, and what the source does not have, is remembered elsewhere.
DELETE FROM weather_downloads WHERE status IN ('SUCCESS', 'FAILED') AND updated < now() - interval '1 day'
