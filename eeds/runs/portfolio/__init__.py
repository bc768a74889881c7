"""The portfolio: the savings of the latest results of many projects, which of them count, and their sums."""
