-- The attributes of a project that say what has changed at its meter, as the text of a date; one that was given twice
-- comes last as it was given last.
SELECT
    keys.name,
    CASE keys.data_type
        WHEN 'CHAR' THEN btrim(attributes.char_value)
        WHEN 'DATE' THEN attributes.date_value::text
        WHEN 'DATETIME' THEN (attributes.datetime_value AT TIME ZONE 'UTC')::date::text
    END AS value
FROM project_attributes AS attributes
JOIN project_attribute_keys AS keys ON keys.id = attributes.key_id
WHERE attributes.project_id = %(project_id)s
  AND keys.name IN ('net_metering_changed', 'ev_charging_installed')
ORDER BY attributes.id
