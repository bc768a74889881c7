"""Temperatures as they were at an earlier time: what is stored now, with what changed since then put back.

Every change keeps what it takes the place of, in its own transaction: of a station-year the hours from the first to
the last that it changes, of a normal year the whole of it. Whoever changes one holds the lock of its row, so that its
changes have an order.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from eeds.db.binary_arrays import FLOAT8, read_array
from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.weather.gaps import Series

Change = tuple[int, bytes]  # the first hour of the year that changed, and the temperatures from there on, in binary


def keep_changed_hours(
    connection: PsycopgConnection, key: Mapping[str, Any], before: Series | None, after: Series
) -> None:
    """Keep what another version of a station-year (`key`: station, source, year) changes, degF, NaN = missing; `before`
    is None where there was none."""
    before = np.full(after.size, np.nan) if before is None else before
    changed = np.flatnonzero(~((before == after) | (np.isnan(before) & np.isnan(after))))
    if changed.size:
        first, last = int(changed[0]), int(changed[-1])
        kept = {"hour": first, "temps": before[first : last + 1].tolist()}
        connection.execute(query("weather/keep_changed_hours"), {**key, **kept})


def put_back(temps: Series, changes: Iterable[Change]) -> Series:
    """A station-year before its changes, which come newest first."""
    earlier = temps.copy()
    for hour, old in changes:
        before = read_array(old, FLOAT8)
        earlier[hour : hour + before.size] = before
    return earlier


def changes_since(
    connection: PsycopgConnection, station: str, first_year: int, last_year: int, time: datetime
) -> Mapping[tuple[str, int], Sequence[Change]]:
    """What changed of a station's years after a time, newest first, by source and year."""
    parameters = {"station": station, "first_year": first_year, "last_year": last_year, "time": time}
    found: dict[tuple[str, int], list[Change]] = {}
    for source, year, hour, temps in connection.execute(query("weather/changes_since"), parameters, binary=True):
        found.setdefault((source, year), []).append((hour, temps))
    return found


def normal_at(connection: PsycopgConnection, station: str, kind: str, time: datetime) -> tuple[float, Series] | None:
    """The UTC offset and the hours of a stored normal year at a time; None if it has not changed since."""
    parameters = {"station": station, "kind": kind, "time": time}
    row = connection.execute(query("weather/normal_at"), parameters, binary=True).fetchone()
    return None if row is None else (row[0], np.array(row[1], dtype=np.float64))
