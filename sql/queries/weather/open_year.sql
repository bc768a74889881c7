-- A station-year without an observation, unless there is one already; waits for a transaction that is just making it.
INSERT INTO weather_years (station, source, year, temps, n_observed)
VALUES (%(station)s, %(source)s, %(year)s, array_fill('NaN'::double precision, ARRAY[%(hours)s::integer]), 0)
ON CONFLICT (station, source, year) DO NOTHING
