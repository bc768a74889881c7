-- What is stored, and what could not be fetched, by station, year and source.
SELECT station, year, source, n_observed, first_hour, last_hour, fetched_at, NULL AS message
FROM weather_years
WHERE %(station)s::text IS NULL OR station = %(station)s
UNION ALL
SELECT station, year, source, NULL, NULL, NULL, tried, message
FROM weather_fetches
WHERE %(station)s::text IS NULL OR station = %(station)s
ORDER BY station, year, source
