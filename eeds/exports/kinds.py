"""What an export can hold, in which formats, and for how long its file is kept."""

from datetime import timedelta

from eeds.formats import media_types

RESULTS, MONTHS, DIAGNOSTICS, RECORDS = KINDS = ("results", "months", "diagnostics", "records")
CSV, PARQUET = FORMATS = ("csv", "parquet")
MEDIA_TYPES = {CSV: media_types.CSV, PARQUET: media_types.PARQUET}
KEPT = timedelta(days=1)
