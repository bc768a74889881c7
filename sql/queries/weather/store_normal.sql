-- Gives whether the normal year is new; no row if the same one is stored. temps in binary, see update_year.
INSERT INTO weather_normals AS stored (station, kind, utc_offset, temps)
VALUES (%(station)s, %(kind)s, %(utc_offset)s, %(temps)b::double precision[])
ON CONFLICT (station, kind) DO UPDATE
SET utc_offset = excluded.utc_offset, temps = excluded.temps
WHERE (stored.utc_offset, stored.temps) IS DISTINCT FROM (excluded.utc_offset, excluded.temps)
RETURNING xmax = 0
