UPDATE energy_trace_model_results SET model = 'daily', flags = '{"readings missing"}' WHERE id = 1;
