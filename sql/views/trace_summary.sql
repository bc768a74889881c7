-- A row a trace: what it measures, and from when to when there are readings, without these.
CREATE VIEW bi.trace_summary AS
SELECT
    users.name AS owner,
    projects.id AS project,
    projects.project_id,
    traces.id AS trace,
    traces.label,
    traces.interpretation,
    traces.unit,
    extents.first_start,
    extents.last_start,
    coalesce(extents.readings, 0) AS readings,
    extents.changed
FROM public.consumption_metadatas AS traces
LEFT JOIN public.trace_extents AS extents ON extents.metadata_id = traces.id
LEFT JOIN public.projects AS projects ON projects.id = traces.project_id
LEFT JOIN public.project_owners AS owners ON owners.id = projects.project_owner_id
LEFT JOIN public.users AS users ON users.id = owners.user_id;
