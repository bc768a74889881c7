"""Projects: their attributes, groups of them, and tables of them as people write them."""
