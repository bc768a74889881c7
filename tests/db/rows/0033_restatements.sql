INSERT INTO restatements (user_id, kind, before_id, after_id, status) VALUES (1, 'results', 1, 1, 'SUCCESS');
INSERT INTO restated_savings
SELECT 1, min(id), 'ELECTRICITY_CONSUMPTION_SUPPLIED', 'metered', 1, 2, 0, 1, 0, 0, 0, 0, 0 FROM projects;
