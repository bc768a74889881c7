-- A stored station-year, which nobody else changes until the transaction ends.
SELECT temps
FROM weather_years
WHERE station = %(station)s AND source = %(source)s AND year = %(year)s
FOR UPDATE
