"""SQL that eeds runs: migrations, hot statements and read-only views."""
