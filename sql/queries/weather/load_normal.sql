SELECT utc_offset, temps
FROM weather_normals
WHERE station = %(station)s AND kind = %(kind)s
