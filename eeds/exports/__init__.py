"""Exports: files of results, diagnostics and records that a worker builds."""
