-- How the last download of these years of a station has ended, if one has since a run was asked for.
SELECT download.status, download.message
FROM weather_downloads AS download
JOIN project_runs AS run ON run.id = %(run_id)s AND download.updated > coalesce(run.retried, run.added)
WHERE download.station = %(station)s
  AND download.years @> %(years)s::smallint[]
  AND download.status IN ('SUCCESS', 'FAILED')
ORDER BY download.updated DESC
LIMIT 1
