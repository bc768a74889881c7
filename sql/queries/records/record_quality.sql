-- By month (UTC), what is wrong with the records of a trace. The last record only marks an end and is left out. `days`
-- are those on which a record with a value starts, of `of_days`, the days of the month from the trace's first record to
-- its last.
WITH ends AS (
    SELECT min(start) AS first, max(start) AS last
    FROM consumption_records
    WHERE metadata_id = %(trace_id)s
),
days AS (
    SELECT
        (start AT TIME ZONE 'UTC')::date AS day,
        count(*) AS records,
        count(*) FILTER (WHERE value IS NULL OR value = 'NaN') AS missing,
        count(*) FILTER (WHERE estimated) AS estimated,
        count(*) FILTER (WHERE value = 0) AS zero,
        count(*) FILTER (WHERE value < 0) AS negative
    FROM consumption_records
    CROSS JOIN ends
    WHERE metadata_id = %(trace_id)s AND start < ends.last
    GROUP BY 1
),
calendar AS (
    SELECT day::date AS day
    FROM ends
    CROSS JOIN LATERAL generate_series(
        date_trunc('day', ends.first AT TIME ZONE 'UTC'), (ends.last AT TIME ZONE 'UTC') - interval '1 second', '1 day'
    ) AS day
)
SELECT
    extract(year FROM calendar.day)::int AS year,
    extract(month FROM calendar.day)::int AS month,
    coalesce(sum(records), 0)::bigint AS records,
    coalesce(sum(missing), 0)::bigint AS missing,
    coalesce(sum(estimated), 0)::bigint AS estimated,
    coalesce(sum(zero), 0)::bigint AS zero,
    coalesce(sum(negative), 0)::bigint AS negative,
    count(*) FILTER (WHERE records > missing) AS days,
    count(*) AS of_days
FROM calendar
LEFT JOIN days USING (day)
GROUP BY 1, 2
ORDER BY 1, 2
