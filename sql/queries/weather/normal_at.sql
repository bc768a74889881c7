-- A normal year as it was at a time; no row if it has not changed since.
SELECT utc_offset, temps
FROM weather_normal_changes
WHERE station = %(station)s AND kind = %(kind)s AND changed > %(time)s
ORDER BY id
LIMIT 1
