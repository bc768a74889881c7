"""Projects: their attributes, groups and selections of them, the latest of what belongs to each, tables of them."""
