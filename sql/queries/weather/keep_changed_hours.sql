INSERT INTO weather_changes (station, source, year, hour, temps)
VALUES (%(station)s, %(source)s, %(year)s, %(hour)s, %(temps)b::double precision[])
