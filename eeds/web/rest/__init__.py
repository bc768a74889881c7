"""What the resources of the API have in common."""
