INSERT INTO project_weather (project_id, station, normal_station, kind, km, climate_match, method)
VALUES (%(project_id)s, %(station)s, %(normal_station)s, %(kind)s, %(km)s, %(climate_match)s, %(method)s)
ON CONFLICT (project_id) DO UPDATE
SET station = excluded.station,
    normal_station = excluded.normal_station,
    kind = excluded.kind,
    km = excluded.km,
    climate_match = excluded.climate_match,
    method = excluded.method,
    chosen_at = now()
