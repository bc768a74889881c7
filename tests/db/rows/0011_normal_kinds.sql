INSERT INTO weather_normals (station, kind, utc_offset, temps)
VALUES ('725460', 'PVGIS', -6, array_fill(51.7::real, ARRAY[8760]));
