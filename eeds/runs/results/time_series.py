"""The time series of a result: arrays, written in the binary format of COPY, without what follows from the rest."""

import struct
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from eeds.db.binary_arrays import FLOAT8, INT8, write_array, write_date, write_dates, write_time
from eeds.db.binary_copy import HEADER, NULL, TRAILER
from eeds.db.engine import psycopg_connection
from eeds.meter.types import TimeSeries

HOURLY = "hourly"
NUMBERS = ("observed", "temperature", "baseline", "lower", "upper", "reporting")
TIMES = ("first", "step", "shift", "first_day", "day")
BOUNDS = ("distance", "lower", "upper")
PLAIN = ("observed", "temperature", "baseline", "reporting")
COLUMNS = ("series_set_id", "energy_trace_id", "resolution", *TIMES, *BOUNDS, *PLAIN)
COPY = f"COPY time_series ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
HOUR, DAY = 3600, 86400
EPOCH = np.datetime64(0, "s")
Field = bytes | None  # in the format of COPY; None is null


def save_time_series(
    session: Session,
    set_id: int,
    series: Sequence[TimeSeries],
    timezone: str,
    distances: Mapping[int, float | None] = {},
) -> None:
    """Store the series of a set, in the session's transaction; `timezone` is where their local days are, `distances` by
    trace how far bounds are from the baseline, if they are equally far in all rows."""
    with psycopg_connection(session).cursor().copy(COPY) as copy:
        copy.write(HEADER)
        for one in series:
            fields = [
                *(struct.pack(">q", id) for id in (set_id, one.trace_id)),
                one.resolution.encode(),
                *times(one, timezone),
                *bounds(one, distances.get(one.trace_id)),
                *(write_array(getattr(one, name), FLOAT8) for name in PLAIN),
            ]
            copy.write(copy_row(fields))
        copy.write(TRAILER)


def copy_row(fields: Sequence[Field]) -> bytes:
    """A row of COPY: its number of fields, then each behind its length."""
    parts = [struct.pack(">h", len(fields))]
    for field in fields:
        parts += [struct.pack(">i", NULL)] if field is None else [struct.pack(">i", len(field)), field]
    return b"".join(parts)


def times(series: TimeSeries, timezone: str) -> Sequence[Field]:
    """The columns TIMES: starts by their shifts from regular ones, and local days by the first where they are
    consecutive."""
    first = series.start[0] if series.start.size else EPOCH
    step = HOUR if series.resolution == HOURLY else DAY
    shift = (series.start - first).astype(np.int64) - step * np.arange(series.start.size)
    starts = write_time(first), struct.pack(">i", step), write_array(shift, INT8) if shift.any() else None
    if series.resolution == HOURLY or not series.start.size:
        return *starts, None, None
    days = local_days(series.start, timezone)
    is_regular = np.array_equal(days, days[0] + np.arange(days.size))
    return *starts, write_date(days[0]), None if is_regular else write_dates(days)


def bounds(series: TimeSeries, distance: float | None) -> Sequence[Field]:
    """The columns BOUNDS: the distance alone where the bounds follow from it to the last digit."""
    distance = np.nan if distance is None else distance
    with np.errstate(over="ignore", invalid="ignore"):
        computed = series.baseline - distance, series.baseline + distance
    is_given = map(is_same, computed, (series.lower, series.upper))
    if all(is_given) and not np.isinf(computed).any():  # Postgres would refuse to compute those
        return struct.pack(">d", distance), None, None
    return None, write_array(series.lower, FLOAT8), write_array(series.upper, FLOAT8)


def is_same(some: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    """Whether the numbers are the same, with the signs of their zeros; NaN is NaN."""
    signs = (np.copysign(1, numbers[numbers == 0]) for numbers in (some, others))
    return np.array_equal(some, others, equal_nan=True) and np.array_equal(*signs)


def local_days(start: NDArray[np.datetime64], timezone: str) -> NDArray[np.datetime64]:
    """The local day in which each of the instants (datetime64[s], UTC) lies, by the clock that the meter went by."""
    zone = ZoneInfo(timezone)
    days = [datetime.fromtimestamp(seconds, zone).date() for seconds in start.astype(np.int64).tolist()]
    return np.array(days, dtype="datetime64[D]")
