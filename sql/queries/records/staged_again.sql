-- The staged records of each trace that others of the same start behind them replace.
SELECT
    metadata_id,
    count(*) AS readings,
    coalesce(sum(value) FILTER (WHERE abs(value) <= %(largest)s), 0) AS energy
FROM (
    SELECT metadata_id, value, row_number() OVER (PARTITION BY metadata_id, start ORDER BY ctid DESC) AS place
    FROM staged_records
) AS sent
WHERE place > 1
GROUP BY metadata_id
