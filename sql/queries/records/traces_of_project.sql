-- A project's traces or one of them.
SELECT id, interpretation, unit
FROM consumption_metadatas
WHERE project_id = %(project_id)s AND id = coalesce(%(trace_id)s, id)
ORDER BY id
