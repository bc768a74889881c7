"""Projects: which of them somebody means, and the newest of what belongs to each."""
