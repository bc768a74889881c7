"""Two results, or two aggregations, compared: by how much savings moved, and because of what."""
