"""The time series of a result: arrays, written in the binary format of COPY."""

import struct
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from eeds.db.binary_arrays import FLOAT8, write_array, write_dates, write_times
from eeds.db.binary_copy import HEADER, NULL, TRAILER
from eeds.db.engine import psycopg_connection
from eeds.meter.types import TimeSeries

HOURLY = "hourly"
NUMBERS = ("observed", "temperature", "baseline", "lower", "upper", "reporting")
COLUMNS = ("project_result_id", "energy_trace_id", "resolution", "start", "day", *NUMBERS)
COPY = f"COPY time_series ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"


def save_time_series(session: Session, result_id: int, series: Sequence[TimeSeries], timezone: str) -> None:
    """Store the series of a result, in the session's transaction; `timezone` is where its local days are."""
    with psycopg_connection(session).cursor().copy(COPY) as copy:
        copy.write(HEADER)
        for one in series:
            fields = [
                *(struct.pack(">q", id) for id in (result_id, one.trace_id)),
                one.resolution.encode(),
                write_times(one.start),
                None if one.resolution == HOURLY else write_dates(local_days(one.start, timezone)),
                *(write_array(getattr(one, name), FLOAT8) for name in NUMBERS),
            ]
            copy.write(copy_row(fields))
        copy.write(TRAILER)


def copy_row(fields: Sequence[bytes | None]) -> bytes:
    """A row of COPY: its number of fields, then each behind its length; None is null."""
    parts = [struct.pack(">h", len(fields))]
    for field in fields:
        parts += [struct.pack(">i", NULL)] if field is None else [struct.pack(">i", len(field)), field]
    return b"".join(parts)


def local_days(start: NDArray[np.datetime64], timezone: str) -> NDArray[np.datetime64]:
    """The local day in which each of the instants (datetime64[s], UTC) lies, by the clock that the meter went by."""
    zone = ZoneInfo(timezone)
    days = [datetime.fromtimestamp(seconds, zone).date() for seconds in start.astype(np.int64).tolist()]
    return np.array(days, dtype="datetime64[D]")
