INSERT INTO weather_downloads (station, years) VALUES ('725460', '{2013,2014}');
UPDATE project_runs
SET weather_download_id = currval('weather_downloads_id_seq'), waiting_for = 'temperatures of station 725460 in 2013, 2014'
WHERE status = 'PENDING';
