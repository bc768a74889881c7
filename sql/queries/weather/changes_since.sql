-- The changes of a station's years after a time, newest first.
SELECT source, year, hour, array_send(temps)
FROM weather_changes
WHERE station = %(station)s AND year BETWEEN %(first_year)s AND %(last_year)s AND changed > %(time)s
ORDER BY id DESC
