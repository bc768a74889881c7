INSERT INTO weather_changes (station, source, year, hour, temps) VALUES ('725460', 'upload', 2012, 0, '{71.5}');
INSERT INTO weather_normal_changes (station, kind, utc_offset, temps) VALUES ('725460', 'TMY3', -6, '{1}');
