INSERT INTO groups (project_owner_id, name, members, filter) VALUES (1, 'north', 'projects', '{"zipcode": {"==": "50321"}}');
INSERT INTO groups (project_owner_id, name, members, filter, frozen) VALUES (1, 'gas', 'traces', '{}', now());
INSERT INTO group_projects SELECT 1, id FROM projects;
INSERT INTO group_traces SELECT 2, id FROM consumption_metadatas;
