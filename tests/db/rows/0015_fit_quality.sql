UPDATE energy_trace_model_results SET nmbe = 0.01, nmbe_limit = 0.05, cvrmse_limit = 0.25, mean_bias = 0.1;
