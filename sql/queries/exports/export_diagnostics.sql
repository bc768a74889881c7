-- What some projects have and how their runs have ended, in the order of the columns of eeds.exports.diagnostics.
SELECT project.id,
       project.project_id,
       (SELECT count(*) FROM project_results WHERE project_results.project_id = project.id),
       runs.number, runs.pending, runs.running, runs.success, runs.failed,
       traces.number, traces.e_c_s, traces.e_c_n, traces.e_c_t, traces.e_osg_t, traces.e_osg_c, traces.e_osg_u,
       traces.ng_c_s,
       latest.id, latest.status, split_part(latest.traceback, E'\n', 1),
       traces.fo_c_s, traces.p_c_s, traces.s_c_s, traces.cw_c_s,
       result.flags,
       latest_result.stale_since
FROM projects AS project
CROSS JOIN LATERAL (
    SELECT count(*) AS number,
           count(*) FILTER (WHERE status = 'PENDING') AS pending,
           count(*) FILTER (WHERE status = 'RUNNING') AS running,
           count(*) FILTER (WHERE status = 'SUCCESS') AS success,
           count(*) FILTER (WHERE status = 'FAILED') AS failed
    FROM project_runs
    WHERE project_runs.project_id = project.id
) AS runs
CROSS JOIN LATERAL (
    SELECT count(*) AS number,
           count(*) FILTER (WHERE interpretation = 'E_C_S') AS e_c_s,
           count(*) FILTER (WHERE interpretation = 'E_C_N') AS e_c_n,
           count(*) FILTER (WHERE interpretation = 'E_C_T') AS e_c_t,
           count(*) FILTER (WHERE interpretation = 'E_OSG_T') AS e_osg_t,
           count(*) FILTER (WHERE interpretation = 'E_OSG_C') AS e_osg_c,
           count(*) FILTER (WHERE interpretation = 'E_OSG_U') AS e_osg_u,
           count(*) FILTER (WHERE interpretation = 'NG_C_S') AS ng_c_s,
           count(*) FILTER (WHERE interpretation = 'FO_C_S') AS fo_c_s,
           count(*) FILTER (WHERE interpretation = 'P_C_S') AS p_c_s,
           count(*) FILTER (WHERE interpretation = 'S_C_S') AS s_c_s,
           count(*) FILTER (WHERE interpretation = 'CW_C_S') AS cw_c_s
    FROM consumption_metadatas
    WHERE consumption_metadatas.project_id = project.id
) AS traces
LEFT JOIN LATERAL (
    SELECT id, status, traceback
    FROM project_runs
    WHERE project_runs.project_id = project.id
    ORDER BY id DESC
    LIMIT 1
) AS latest ON true
LEFT JOIN LATERAL (
    SELECT id, stale_since
    FROM project_results
    WHERE project_results.project_id = project.id
    ORDER BY id DESC
    LIMIT 1
) AS latest_result ON true
CROSS JOIN LATERAL (
    SELECT string_agg(
        format('trace %%s, %%s: %%s', model.energy_trace_id, lower(period.interpretation), told.flag), ' | '
        ORDER BY model.id, told.place
    ) AS flags
    FROM energy_trace_model_results AS model
    JOIN modeling_periods AS period ON period.id = model.modeling_period_id
    CROSS JOIN LATERAL unnest(model.flags) WITH ORDINALITY AS told (flag, place)
    WHERE model.project_result_id = latest_result.id
) AS result
WHERE project.id = ANY(%(ids)s)
ORDER BY project.project_id COLLATE "C", project.id
