-- Results of these projects are stored before, or see what the transaction has changed: see eeds.jobs.stale_results.
SELECT id FROM projects WHERE id = ANY (%(projects)s) ORDER BY id FOR NO KEY UPDATE
