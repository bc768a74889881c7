-- The results that have a normal year of a station of one of these kinds, and are not yet known to be stale for their
-- weather. A run takes both from one station.
SELECT id
FROM project_results
WHERE provenance #>> '{weather,station}' = %(station)s
  AND provenance #>> '{weather,normal_kind}' = ANY (%(kinds)s)
  AND 'weather' <> ALL (coalesce(stale_because, '{}'))
ORDER BY id
FOR NO KEY UPDATE
