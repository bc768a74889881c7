"""Bulk loading: bytes -> checked rows -> COPY into staging -> one merge. Everything is stored, or nothing."""
