"""What may differ between two deployments: settings from the environment, the data directory, logs."""
