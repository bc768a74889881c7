"""Weather: which station stands for a project, what temperatures of it are stored, and what a normal year is there."""
