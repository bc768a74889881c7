-- Years of a station for a worker to fetch. One that has not ended is asked for once, and its row is locked: it cannot
-- end, and wake those who wait for it, before the transaction that waits for it has.
INSERT INTO weather_downloads (station, years)
VALUES (%(station)s, %(years)s)
ON CONFLICT (station, years) WHERE status IN ('PENDING', 'RUNNING') DO UPDATE SET station = excluded.station
RETURNING id
