"""Commands of `eeds` that work on the database itself."""
