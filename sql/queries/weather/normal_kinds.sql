SELECT kind FROM weather_normals WHERE station = %(station)s
