-- Keep a normal year that another one is about to take the place of. temps in binary, see update_year.
INSERT INTO weather_normal_changes (station, kind, utc_offset, temps)
SELECT station, kind, utc_offset, temps
FROM weather_normals
WHERE station = %(station)s
  AND kind = %(kind)s
  AND (utc_offset, temps) IS DISTINCT FROM (%(utc_offset)s, %(temps)b::double precision[])
FOR UPDATE
