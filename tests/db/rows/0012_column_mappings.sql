INSERT INTO column_mappings (project_owner_id, name, columns) VALUES (1, 'utility', '{"start": "Date", "value": "Use"}');
