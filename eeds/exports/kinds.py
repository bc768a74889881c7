"""What an export can hold, in which formats, and for how long its file is kept."""

from datetime import timedelta

from eeds.formats import media_types

RESULTS, SAVINGS, MONTHS, DIAGNOSTICS, RECORDS = KINDS = ("results", "savings", "months", "diagnostics", "records")
CSV, PARQUET, XLSX = FORMATS = ("csv", "parquet", "xlsx")
MEDIA_TYPES = {CSV: media_types.CSV, PARQUET: media_types.PARQUET, XLSX: media_types.XLSX}
KEPT = timedelta(days=1)
