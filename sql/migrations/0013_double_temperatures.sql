-- Temperatures in double precision: a daily model follows its last bits, and single precision is not what was uploaded.
-- By way of text a temperature that was 72.1 becomes 72.1 again, and not 72.0999985.
ALTER TABLE weather_years ALTER COLUMN temps TYPE double precision[] USING temps::text[]::double precision[];
ALTER TABLE weather_normals ALTER COLUMN temps TYPE double precision[] USING temps::text[]::double precision[];
