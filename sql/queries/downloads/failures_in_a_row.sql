-- Why the last downloads failed, if so many have in a row since one was asked for.
SELECT max(message)
FROM (
    SELECT status, message
    FROM weather_downloads
    WHERE status IN ('SUCCESS', 'FAILED') AND updated > %(since)s
    ORDER BY updated DESC
    LIMIT %(number)s
) AS last
HAVING count(*) = %(number)s AND bool_and(status = 'FAILED')
