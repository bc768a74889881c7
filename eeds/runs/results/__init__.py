"""Meter results in the database: written as a whole, copied for a run with the same input, read for the API."""
