SELECT id, project_id FROM consumption_metadatas WHERE id = ANY (%(traces)s) AND project_id IS NOT NULL
