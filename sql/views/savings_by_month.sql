-- A row a project, fuel and month: metered savings of the latest result in kWh, with bounds at its confidence level; null
-- where results of earlier releases have none.
CREATE VIEW bi.savings_by_month AS
SELECT
    users.name AS owner,
    projects.id AS project,
    projects.project_id,
    results.id AS project_result,
    results.stale_since,
    months.trace_interpretation,
    months.month,
    months.n AS days,
    months.value AS savings,
    months.value - months.lower AS lower,
    months.value + months.upper AS upper,
    months.baseline,
    months.baseline - months.value AS reporting
FROM public.projects AS projects
JOIN public.project_owners AS owners ON owners.id = projects.project_owner_id
JOIN public.users AS users ON users.id = owners.user_id
CROSS JOIN LATERAL (
    SELECT id, stale_since FROM public.project_results WHERE project_id = projects.id ORDER BY id DESC LIMIT 1
) AS results
JOIN public.savings_months AS months ON months.project_result_id = results.id;
