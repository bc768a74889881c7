"""Files read without a database: their readings as instants of a zone."""

from datetime import UTC, datetime, tzinfo
from io import BytesIO
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from eeds.records.files.general import ReadFile, read_file
from eeds.records.files.instants import place
from eeds.records.files.options import FileOptions
from eeds.records.files.taken import NEVER

CHICAGO = ZoneInfo("America/Chicago")
HOUSEHOLD = {"project_id": "house", "fuel": "electricity", "unit": "kWh", "trace_id": "main"}


class Reading(NamedTuple):
    """A reading as it will be stored, in the unit of the file."""

    trace: str
    start: str
    end: str
    value: float | None
    estimated: bool = False


def read(text: str | bytes, **said: str) -> ReadFile:
    """A file as it was read."""
    return read_file(BytesIO(text.encode() if isinstance(text, str) else text), FileOptions(**said))  # type: ignore[arg-type]


def readings(file: ReadFile, zone: tzinfo = CHICAGO) -> list[Reading]:
    """The readings of a file by its order, times in UTC."""
    taken = file.taken
    placed = place(taken, [zone] * len(taken.names))
    good = ~placed.nothing
    good[[*placed.wrong]] = False
    return [
        Reading(
            f"{taken.names[taken.sources[at]].interpretation} {taken.names[taken.sources[at]].label}",
            instant(int(placed.starts[at])),
            instant(int(placed.ends[at])),
            None if np.isnan(taken.values[at]) else float(taken.values[at]),
            bool(taken.estimated[at]),
        )
        for at in np.flatnonzero(good).tolist()
    ]


def refused(file: ReadFile, zone: tzinfo = CHICAGO) -> list[str]:
    """What is refused of a file, before it is known what is stored: lines and messages."""
    placed = place(file.taken, [zone] * len(file.taken.names))
    lines = file.table.grid.lines
    return [
        *(f"{lines[fault.row]} {fault.field}: {fault.message}" for fault in file.taken.faults),
        *(f"{lines[file.taken.rows[at]]} {field}: {message}" for at, (field, message) in sorted(placed.wrong.items())),
    ]


def instant(seconds: int) -> str:
    """A time in UTC, empty for none."""
    return "" if seconds == NEVER else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M}"
