"""The media types in which records come and go, and how a file of one begins."""

from typing import IO

JSON = "application/json"
JSON_LINES = "application/x-ndjson"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
ARROW_FILE = "application/vnd.apache.arrow.file"  # what data frames call Feather
PARQUET = "application/vnd.apache.parquet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

GZIP_BEGIN, PARQUET_BEGIN, ARROW_BEGIN = b"\x1f\x8b", b"PAR1", b"\xff\xff\xff\xff"
ARROW_FILE_BEGIN = b"ARROW1"


def type_of_table(file: IO[bytes]) -> tuple[str, str]:
    """Media type and content encoding ("" or gzip) of a file of a table, by its first bytes. The file is then at its
    beginning."""
    begin = file.read(len(PARQUET_BEGIN))
    file.seek(0)
    if begin.startswith(GZIP_BEGIN):
        return CSV, "gzip"
    if begin.startswith(PARQUET_BEGIN):
        return PARQUET, ""
    return (ARROW if begin.startswith(ARROW_BEGIN) else CSV), ""
