INSERT INTO weather_fetches (station, source, year, absent, message) VALUES ('725460', 'ghcnh', 2012, true, 'No file.');
