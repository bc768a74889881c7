INSERT INTO consumption_metadatas (project_id, interpretation, unit, label, usage_point)
VALUES (1, 'E_C_S', 'KWH', 'green button', 'Customer/1/UsagePoint/01');
