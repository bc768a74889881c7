-- The results that have looked at readings of spans of time, a project each, and are not yet known to be stale for their
-- readings, or were asked for the readings of a certain time. A run looks at the readings of its periods, and of a
-- baseline at its last `baseline_days`, with a bill around their beginning.
SELECT id
FROM project_results
WHERE id IN (
    SELECT results.id
    FROM project_results AS results
    JOIN unnest(%(projects)s::bigint[], %(first)s::timestamptz[], %(last)s::timestamptz[])
        AS spans (project_id, first, last)
        ON spans.project_id = results.project_id
    JOIN modeling_periods AS periods
        ON periods.project_result_id = results.id
        AND spans.first <= coalesce(periods.end_date, 'infinity')
        AND spans.last >= greatest(
            coalesce(periods.start_date, '-infinity'),
            CASE WHEN periods.interpretation = 'BASELINE' THEN
                periods.end_date - make_interval(
                    days => (results.provenance #>> '{settings,baseline_days}')::integer + %(longest)s
                )
            END
        )
    WHERE results.project_id = ANY (%(projects)s)
      AND 'readings' <> ALL (coalesce(results.stale_because, '{}'))
      AND results.meter_settings ->> 'as_of' IS NULL
)
ORDER BY id
FOR NO KEY UPDATE
