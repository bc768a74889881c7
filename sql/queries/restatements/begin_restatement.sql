WITH begun AS (
    UPDATE restatements
    SET projects_total = %(projects)s, projects_done = 0, updated = clock_timestamp()
    WHERE id = %(id)s AND status = 'RUNNING' AND attempts = %(attempt)s
    RETURNING id
),
forgotten AS (
    DELETE FROM restated_savings WHERE restatement_id IN (SELECT id FROM begun)
)
SELECT FROM begun
