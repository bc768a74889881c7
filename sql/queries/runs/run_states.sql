-- Every status with the number of its runs, and the seconds that the oldest of them has been there.
SELECT status,
       count(project_runs.id),
       coalesce(extract(epoch FROM clock_timestamp() - min(project_runs.added)), 0)::double precision
FROM unnest(ARRAY['PENDING', 'RUNNING', 'SUCCESS', 'FAILED']) AS status
LEFT JOIN project_runs USING (status)
GROUP BY status
ORDER BY status
