-- The results that have looked at readings of spans of time, a project each, and are not yet known to be stale for their
-- readings, or were asked for the readings of a certain time. A run looks at the readings of its periods, and of a
-- baseline at its last `baseline_days`, with a bill around their beginning.
WITH spans AS MATERIALIZED (
    SELECT project_id, first, last
    FROM unnest(%(projects)s::bigint[], %(first)s::timestamptz[], %(last)s::timestamptz[])
        AS span (project_id, first, last)
)
SELECT results.id
FROM project_results AS results
WHERE results.project_id = ANY (%(projects)s)
  AND 'readings' <> ALL (coalesce(results.stale_because, '{}'))
  AND results.meter_settings ->> 'as_of' IS NULL
  AND EXISTS (
      SELECT 1
      FROM modeling_periods AS periods
      JOIN spans
          ON spans.last >= greatest(
              coalesce(periods.start_date, '-infinity'),
              CASE WHEN periods.interpretation = 'BASELINE' THEN
                  periods.end_date - make_interval(
                      days => (results.provenance #>> '{settings,baseline_days}')::integer + %(longest)s
                  )
              END
          )
          AND spans.first <= coalesce(periods.end_date, 'infinity')
      WHERE periods.project_result_id = results.id AND spans.project_id = results.project_id
  )
ORDER BY results.id
FOR NO KEY UPDATE
