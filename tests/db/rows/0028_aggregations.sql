INSERT INTO aggregations (project_owner_id, user_id, name, selection, settings, result)
SELECT id, user_id, 'first', '{"projects": "all"}', '{"unit": "kWh"}', '{"fuels": []}' FROM project_owners ORDER BY id LIMIT 1;
INSERT INTO aggregation_members (aggregation_id, id, project_id, status, reasons)
SELECT 1, row_number() OVER (ORDER BY id), id, 'REJECTED', ARRAY['no result'] FROM projects;
