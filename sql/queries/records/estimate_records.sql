-- About how many records are stored, as the statistics of the partitions say.
SELECT coalesce(sum(greatest(pg_class.reltuples, 0)), 0)::bigint
FROM pg_partition_tree('consumption_records') AS part
JOIN pg_class ON pg_class.oid = part.relid
WHERE part.isleaf
