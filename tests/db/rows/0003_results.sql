-- What the result saved: 2 kWh of the 30 that two days in July would have taken, 5 of the 20 of a day in August.
INSERT INTO trace_savings (
    project_result_id, energy_trace_id, trace_interpretation, unit, metered_value, metered_upper, metered_lower,
    metered_n, metered_baseline
)
VALUES (1, 1, 'ELECTRICITY_CONSUMPTION_SUPPLIED', 'KWH', 7, 2, 2, 3, 50);
INSERT INTO savings_aggregations (
    project_result_id, trace_interpretation, metered_value, metered_upper, metered_lower,
    metered_n, metered_baseline
)
VALUES (1, 'ELECTRICITY_CONSUMPTION_SUPPLIED', 7, 2, 2, 3, 50);
INSERT INTO time_series VALUES (
    1, 1, 'daily', '{2013-07-01 05:00Z, 2013-07-02 05:00Z, 2013-08-01 05:00Z}', '{2013-07-01, 2013-07-02, 2013-08-01}',
    '{14, 14, 15}', '{70, 71, 72}', '{15, 15, 20}', '{10, 10, 15}', '{20, 20, 25}', '{14, 14, 15}'
);
