-- Normal years of TMY2, PVGIS and NSRDB files too.
ALTER TABLE weather_normals
    DROP CONSTRAINT weather_normals_kind_check,
    ADD CONSTRAINT weather_normals_kind_check
        CHECK (kind IN ('CZ2010', 'TMY3', 'EPW', 'NSRDB', 'PVGIS', 'TMY2', 'derived'));
