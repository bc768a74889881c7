-- Every status with the number of its runs.
SELECT status, coalesce(sum(run_counts.number), 0)::bigint
FROM unnest(ARRAY['PENDING', 'RUNNING', 'SUCCESS', 'FAILED']) AS status
LEFT JOIN run_counts USING (status)
GROUP BY status
ORDER BY status
