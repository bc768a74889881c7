"""Project runs: operations and lifecycle, their input, progress and results, and the portfolio of many."""
