-- A user with a project, its traces, records, attributes and block, the weather, and a result as the first release had it.
INSERT INTO users (name, password_hash, is_admin) VALUES ('ada', NULL, true);
INSERT INTO project_owners (user_id) VALUES (1);
INSERT INTO oauth_clients (user_id, client_id, digest, scopes) VALUES (1, 'robot', '\x01', '{read}');
INSERT INTO projects (
    project_owner_id, project_id, baseline_period_end, reporting_period_start, reporting_period_end, zipcode
)
VALUES (1, 'ABC', '2013-06-01Z', '2013-07-01Z', '2013-09-01Z', '50321');
INSERT INTO project_blocks (project_owner_id, name) VALUES (1, 'north');
INSERT INTO project_block_projects VALUES (1, 1);
INSERT INTO project_attribute_keys (name, display_name, data_type) VALUES ('area', 'Floor area', 'FLOAT');
INSERT INTO project_attributes (project_id, key_id, float_value) VALUES (1, 1, 1200.5);

INSERT INTO consumption_metadatas (project_id, interpretation, unit, label) VALUES
(1, 'E_C_S', 'KWH', 'main'),
(1, 'NG_C_S', 'THM', 'gas');
INSERT INTO consumption_records (metadata_id, start, value, estimated) VALUES
(1, '2013-07-01Z', 10, false),
(1, '2013-07-02Z', NULL, false),
(1, '2013-07-03Z', 12.5, true),
(2, '2013-07-01Z', 1.25, false);

INSERT INTO weather_years (station, source, year, temps, n_observed, first_hour, last_hour)
VALUES ('725460', 'upload', 2013, array_fill(72.1::real, ARRAY[8760]), 8760, '2013-01-01Z', '2013-12-31 23:00Z');
INSERT INTO weather_normals (station, kind, utc_offset, temps)
VALUES ('725460', 'TMY3', -6, array_fill(50.3::real, ARRAY[8760]));
INSERT INTO project_weather (project_id, station, method) VALUES (1, '725460', 'zipcode');

INSERT INTO project_runs (project_id, meter_class, status, attempts) VALUES
(1, 'EnergyEfficiencyMeter', 'SUCCESS', 1),
(1, 'EnergyEfficiencyMeter', 'FAILED', 3),
(1, 'EnergyEfficiencyMeter', 'PENDING', 0);
INSERT INTO project_results (project_id, project_run_id, eemeter_version, meter_class, provenance) VALUES (
    1, 1, '1.2.7', 'EnergyEfficiencyMeter',
    '{"input_sha256": "aa", "fits": [{"energy_trace": 1, "period": "BASELINE", "model": "daily"}]}'
);
INSERT INTO modeling_periods (project_result_id, interpretation, start_date, end_date) VALUES
(1, 'BASELINE', NULL, '2013-06-01Z'),
(1, 'REPORTING', '2013-07-01Z', '2013-09-01Z');
INSERT INTO modeling_period_groups (project_result_id, baseline_period_id, reporting_period_id) VALUES (1, 1, 2);
INSERT INTO derivative_aggregations (modeling_period_group_id, trace_interpretation, interpretation, baseline_value)
VALUES (1, 'ELECTRICITY_CONSUMPTION_SUPPLIED', 'annualized_weather_normal', 4000.5);
INSERT INTO energy_trace_model_results (
    project_result_id, energy_trace_id, modeling_period_id, status, r2, model_serializiation
)
VALUES (1, 1, 1, 'SUCCESS', 0.9, '{}'), (1, 1, 2, 'SUCCESS', 0.8, '{}');
INSERT INTO derivatives (energy_trace_model_result_id, interpretation, value) VALUES
(1, 'annualized_weather_normal', 4000.5);

INSERT INTO registry_connections (project_owner_id) VALUES (1);
INSERT INTO registry_connection_projects (registry_connection_id, project_id) VALUES (1, 1);
INSERT INTO exports (user_id, kind, format, status) VALUES (1, 'results', 'csv', 'FAILED');
INSERT INTO idempotency_keys VALUES (1, 'once', '\x02', 201, '\x7b7d');
