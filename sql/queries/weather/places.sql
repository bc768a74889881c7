-- Where some projects are: ZIP code, and their attributes latitude, longitude and timezone as text; one that was given
-- twice counts as it was given last.
SELECT projects.id, projects.zipcode, places.latitude, places.longitude, places.timezone
FROM projects
LEFT JOIN LATERAL (
    SELECT
        (array_agg(value ORDER BY id DESC) FILTER (WHERE name = 'latitude'))[1] AS latitude,
        (array_agg(value ORDER BY id DESC) FILTER (WHERE name = 'longitude'))[1] AS longitude,
        (array_agg(value ORDER BY id DESC) FILTER (WHERE name = 'timezone'))[1] AS timezone
    FROM (
        SELECT
            attributes.id,
            keys.name,
            nullif(btrim(CASE keys.data_type
                WHEN 'CHAR' THEN attributes.char_value
                WHEN 'FLOAT' THEN attributes.float_value::text
                WHEN 'INTEGER' THEN attributes.integer_value::text
            END), '') AS value
        FROM project_attributes AS attributes
        JOIN project_attribute_keys AS keys ON keys.id = attributes.key_id
        WHERE attributes.project_id = projects.id AND keys.name IN ('latitude', 'longitude', 'timezone')
    ) AS given
    WHERE value IS NOT NULL
) AS places ON true
WHERE projects.id = ANY(%s)
