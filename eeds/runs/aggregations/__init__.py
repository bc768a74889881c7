"""Aggregations: sums of the savings of many projects by stated rules, made once and kept."""
