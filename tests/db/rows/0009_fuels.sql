INSERT INTO consumption_metadatas (project_id, interpretation, unit, label) VALUES (1, 'FO_C_S', 'KWH', 'oil');
