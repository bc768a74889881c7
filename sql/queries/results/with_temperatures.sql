-- The results that have looked at temperatures of a station in one of the spans of time, and are not yet known to be
-- stale for their weather. A normal year that is derived is of all temperatures. Results of earlier releases do not say
-- which hours they looked at: theirs are those of their periods.
WITH spans AS MATERIALIZED (
    SELECT first, last FROM unnest(%(first)s::timestamptz[], %(last)s::timestamptz[]) AS span (first, last)
)
SELECT results.id
FROM project_results AS results
WHERE results.provenance #>> '{weather,station}' = %(station)s
  AND 'weather' <> ALL (coalesce(results.stale_because, '{}'))
  AND (
      results.provenance #>> '{weather,normal_kind}' = 'derived'
      OR EXISTS (
          SELECT 1
          FROM spans
          WHERE spans.last >= (results.provenance #>> '{weather,from}')::timestamptz
            AND spans.first <= (results.provenance #>> '{weather,to}')::timestamptz
      )
      OR results.provenance #>> '{weather,from}' IS NULL AND EXISTS (
          SELECT 1
          FROM modeling_periods AS periods
          JOIN spans
              ON spans.last >= coalesce(periods.start_date, '-infinity')
              AND spans.first <= coalesce(periods.end_date, 'infinity')
          WHERE periods.project_result_id = results.id
      )
  )
ORDER BY results.id
FOR NO KEY UPDATE
