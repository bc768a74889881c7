-- A station's years of all sources, in order; those that have no observation now may have had one.
SELECT year, source, array_send(temps) AS temps, url, sha256
FROM weather_years
WHERE station = %(station)s
  AND year BETWEEN %(first_year)s AND %(last_year)s
  AND source = ANY(%(sources)s)
ORDER BY year, array_position(%(sources)s, source)
