-- A row a model: of every trace and period of every result; status SUCCESS, or why there is none.
CREATE VIEW bi.model_results AS
SELECT
    users.name AS owner,
    projects.id AS project,
    projects.project_id,
    results.id AS project_result,
    results.added AS result_added,
    results.stale_since,
    results.id = (
        SELECT max(id) FROM public.project_results WHERE project_id = projects.id
    ) AS is_latest,
    models.energy_trace_id AS trace,
    periods.interpretation AS period,
    models.model,
    models.status,
    models.n,
    models.r2,
    models.rmse,
    models.cvrmse,
    models.nmbe,
    models.flags
FROM public.energy_trace_model_results AS models
JOIN public.modeling_periods AS periods ON periods.id = models.modeling_period_id
JOIN public.project_results AS results ON results.id = models.project_result_id
JOIN public.projects AS projects ON projects.id = results.project_id
JOIN public.project_owners AS owners ON owners.id = projects.project_owner_id
JOIN public.users AS users ON users.id = owners.user_id;
