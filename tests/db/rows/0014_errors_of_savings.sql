INSERT INTO trace_savings_months (
    project_result_id, energy_trace_id, month, value, upper, lower, n, baseline, cumulative_upper, cumulative_lower
)
VALUES (1, 1, '2013-07-01', 2, 1, 1, 2, 30, 1, 1);
