"""The media types in which records come and go, and how a file of one begins."""

JSON = "application/json"
JSON_LINES = "application/x-ndjson"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"

GZIP_BEGIN, PARQUET_BEGIN, ARROW_BEGIN = b"\x1f\x8b", b"PAR1", b"\xff\xff\xff\xff"


def type_of_table(begin: bytes) -> tuple[str, str]:
    """Media type and content encoding ("" or gzip) of a file of a table, from its first bytes."""
    if begin.startswith(GZIP_BEGIN):
        return CSV, "gzip"
    if begin.startswith(PARQUET_BEGIN):
        return PARQUET, ""
    return (ARROW if begin.startswith(ARROW_BEGIN) else CSV), ""
