DELETE FROM weather_fetches WHERE station = %(station)s AND source = %(source)s AND year = %(year)s
