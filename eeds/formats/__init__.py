"""Values and tables as people send and receive them: JSON, CSV, Arrow and Parquet."""
