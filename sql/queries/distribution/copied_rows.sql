-- How many rows the nodes have taken so far of the table that is being distributed.
SELECT coalesce(sum(result::bigint), 0)::bigint
FROM run_command_on_workers(
    'SELECT coalesce(sum(tuples_processed), 0) FROM pg_stat_progress_copy WHERE datname = current_database()'
)
WHERE success
