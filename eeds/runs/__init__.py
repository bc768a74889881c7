"""Project runs: their lifecycle, what they are computed from, and their results."""
