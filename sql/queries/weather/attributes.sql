-- The attributes of a project that say where it is, as text; one that was given twice comes last as it was given last.
SELECT
    keys.name,
    CASE keys.data_type
        WHEN 'CHAR' THEN attributes.char_value
        WHEN 'FLOAT' THEN attributes.float_value::text
        WHEN 'INTEGER' THEN attributes.integer_value::text
    END AS value
FROM project_attributes AS attributes
JOIN project_attribute_keys AS keys ON keys.id = attributes.key_id
WHERE attributes.project_id = %(project_id)s AND keys.name IN ('weather_station', 'latitude', 'longitude')
ORDER BY attributes.id
