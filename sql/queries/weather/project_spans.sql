-- For every project with a baseline and records: the first and the last instant that the meter looks at, as
-- eeds.runs.inputs has it for one project whose records are in memory. For administration: all owners' projects.
SELECT
    projects.id,
    projects.project_id,
    greatest(
        min(extents.first_start),
        projects.baseline_period_start,
        projects.baseline_period_end - make_interval(days => %(baseline_days)s::integer)
    ) AS first,
    least(max(extents.last_start), projects.reporting_period_end) AS last
FROM projects
JOIN consumption_metadatas AS traces ON traces.project_id = projects.id
JOIN trace_extents AS extents ON extents.metadata_id = traces.id
WHERE projects.baseline_period_end IS NOT NULL
GROUP BY projects.id
ORDER BY projects.id
