INSERT INTO weather_fetches (station, source, year, absent, message)
VALUES (%(station)s, %(source)s, %(year)s, %(absent)s, %(message)s)
ON CONFLICT (station, source, year) DO UPDATE
SET absent = excluded.absent, message = excluded.message, tried = now()
