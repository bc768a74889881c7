"""Projects computed outside the database: their input as files, and what became of them stored."""
