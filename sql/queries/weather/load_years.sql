-- A station's years in order, each from the best source that has an observation in it.
SELECT DISTINCT ON (year) year, source, array_send(temps) AS temps, url, sha256
FROM weather_years
WHERE station = %(station)s
  AND year BETWEEN %(first_year)s AND %(last_year)s
  AND source = ANY(%(sources)s)
  AND n_observed > 0
ORDER BY year, array_position(%(sources)s, source)
