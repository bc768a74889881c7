-- The series of a trace in a result for its plots: rows of days and bills as they are, those of hours summed to local
-- days. `day` is the seconds since 1970 by the local clock; what is not a number is null. The bounds of a day are not
-- the sums of those of its hours, so hours have none; what they saved is summed over those that have both.
SELECT
    extract(epoch FROM min(start))::bigint AS start,
    extract(epoch FROM min(local))::bigint AS day,
    CASE WHEN bool_and(observed < 'Infinity') THEN sum(observed) END AS observed,
    avg(temperature) FILTER (WHERE temperature < 'Infinity') AS temperature,
    CASE WHEN bool_and(baseline < 'Infinity') THEN sum(baseline) END AS baseline,
    CASE WHEN bool_and(lower < 'Infinity' AND resolution <> 'hourly') THEN sum(lower) END AS lower,
    CASE WHEN bool_and(upper < 'Infinity' AND resolution <> 'hourly') THEN sum(upper) END AS upper,
    CASE WHEN bool_and(reporting < 'Infinity') THEN sum(reporting) END AS reporting,
    sum(baseline - observed) FILTER (WHERE baseline < 'Infinity' AND observed < 'Infinity') AS saved
FROM (
    SELECT *, coalesce(day::timestamp, start AT TIME ZONE %(timezone)s) AS local
    FROM time_series_rows
    WHERE project_result_id = %(result_id)s AND energy_trace_id = %(trace_id)s
) AS by_clock
GROUP BY CASE WHEN resolution = 'hourly' THEN date_trunc('day', local) ELSE start AT TIME ZONE 'UTC' END
ORDER BY 1
