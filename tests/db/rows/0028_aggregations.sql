INSERT INTO aggregations (project_owner_id, user_id, name, selection, settings, result)
SELECT id, user_id, 'first', '{"projects": "all"}', '{"unit": "kWh"}', '{"fuels": []}' FROM project_owners ORDER BY id LIMIT 1;
INSERT INTO aggregation_members (aggregation_id, id, project_id, status, reasons)
SELECT 1, row_number() OVER (ORDER BY id), id, 'REJECTED', ARRAY['no result'] FROM projects;
INSERT INTO registry_shares (trace_interpretation, kind, projects, results, energies, sums)
SELECT 'NATURAL_GAS_CONSUMPTION_SUPPLIED', 'metered', array_agg(project_id), array_agg(id), array_agg(1.0), '{}'
FROM project_results;
