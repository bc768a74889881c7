SELECT station, normal_station, kind, km, climate_match, method
FROM project_weather
WHERE project_id = %(project_id)s
