-- One more project has been compared.
UPDATE restatements
SET projects_done = projects_done + 1, updated = clock_timestamp()
WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
