-- Keep the members of the portfolio that was chosen as those of an aggregation.
INSERT INTO aggregation_members (
    aggregation_id, id, project_id, project_result_id, input_sha256, trace_interpretation, status, reasons, cvrmse, days,
    metered_value, metered_baseline, normalized_value, normalized_baseline, group_value
)
SELECT
    %(aggregation_id)s,
    row_number() OVER (ORDER BY members.project_id, saved.id),
    members.project_id,
    members.result_id,
    members.input_sha256,
    members.interpretation,
    CASE WHEN members.is_accepted THEN 'ACCEPTED' ELSE 'REJECTED' END,
    members.reasons,
    saved.cvrmse,
    coalesce(saved.days, saved.metered_n),
    saved.metered_value,
    saved.metered_baseline,
    saved.normalized_value,
    saved.normalized_baseline,
    members.group_value
FROM portfolio_members AS members
LEFT JOIN savings_aggregations AS saved ON saved.id = members.savings_id
