INSERT INTO registry_shares (trace_interpretation, kind, projects, results, energies, sums)
SELECT 'NATURAL_GAS_CONSUMPTION_SUPPLIED', 'metered', array_agg(project_id), array_agg(id), array_agg(1.0), '{}'
FROM project_results;
