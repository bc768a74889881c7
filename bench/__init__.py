"""Benchmarks, run by script/bench: real servers, rates and ratios of one run, a table to read."""
