"""The readings of a body between its XML and its traces: packed rows in a file, 37 bytes each, because the ReadingType
that says what they are may come after them."""

import math
import struct
import tempfile
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.formats.messages import NUMBER, REQUIRED
from eeds.formats.values import parse_int, parse_number
from eeds.records.greenbutton.codes import ESTIMATED, NORMALIZED_FOR_WEATHER
from eeds.records.ids import EPOCH, FIRST_START, LAST_START
from eeds.records.refusals import Refusal

MEASURED, IS_ESTIMATED, NOT_SAID = range(3)
BY_TYPE = 0  # the duration of a reading that leaves it to its ReadingType
EARLIEST, LATEST = (int((time - EPOCH).total_seconds()) for time in (FIRST_START, LAST_START))
START = "A start is whole seconds since 1970, UTC, between 1900 and 2100."
DURATION = "A duration is a positive number of seconds."
MAX_DURATION = 2**31 - 1

PACKING = struct.Struct("<qqiiidB")
ROW = np.dtype(
    [
        ("index", "<i8"),
        ("start", "<i8"),
        ("duration", "<i4"),
        ("ordinal", "<i4"),  # intervals of its ReadingType from the block's start; 0 if the reading has a start
        ("line", "<i4"),
        ("value", "<f8"),  # NaN: missing
        ("quality", "u1"),
    ]
)
assert PACKING.size == ROW.itemsize
Rows = NDArray[np.void]


@dataclass(frozen=True)
class ReadingRefusal(Refusal):
    """Why a reading is refused, and where it stands."""

    file: str | None = None
    line: int = 0


class ReadingStore:
    """The rows, in runs of one IntervalBlock each."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self.blocks, self.firsts, self.counts = array("q"), array("q"), array("q")
        self.rows = 0

    def close(self) -> None:
        """Delete the file."""
        self.file.close()

    def add(self, block: int, row: Sequence[Any]) -> None:
        """Keep a row; the fields in the order of ROW."""
        self.file.write(PACKING.pack(*row))
        if not self.blocks or self.blocks[-1] != block:
            self.blocks.append(block)
            self.firsts.append(self.rows)
            self.counts.append(0)
        self.counts[-1] += 1
        self.rows += 1

    def read(self, runs: Iterable[int]) -> Rows:
        """The rows of some of the runs, by their numbers."""
        pieces = []
        for run in runs:
            self.file.seek(self.firsts[run] * ROW.itemsize)
            pieces.append(self.file.read(self.counts[run] * ROW.itemsize))
        return np.frombuffer(b"".join(pieces), ROW)


@dataclass(frozen=True)
class Sent:
    """An IntervalReading as it stands in the document: `texts` by element, and what the block around it says."""

    texts: Mapping[str, str]
    qualities: Sequence[str]
    block: Mapping[str, str]
    ordinal: int  # in its block


def row_of(sent: Sent, index: int, line: int) -> tuple[Sequence[Any] | None, list[tuple[str, str | None, str]]]:
    """The row of a reading, None if something is wrong with it: then element, text and reason of each fault."""
    wrong: list[tuple[str, str | None, str]] = []
    start, duration, ordinal = period(sent, wrong)
    text = sent.texts.get("value")
    value = parse_number(text) if text else math.nan
    if value is None:
        wrong.append(("value", text, NUMBER))
    if str(NORMALIZED_FOR_WEATHER) in sent.qualities:
        wrong.append(("quality", "15", "The value is normalized for weather: it is not what was used."))
    return (None if wrong else (index, start, duration, ordinal, line, value, quality(sent.qualities))), wrong


def period(sent: Sent, wrong: list[tuple[str, str | None, str]]) -> tuple[int, int, int]:
    """Start, duration and ordinal of a reading. One without a start is an interval of its ReadingType behind the one
    before it in its block, as the standard has it."""
    start_text, duration_text = sent.texts.get("start"), sent.texts.get("duration")
    ordinal = 0 if start_text else sent.ordinal
    start = parse_int(start_text or sent.block.get("start", ""))
    if start is None or not EARLIEST <= start < LATEST:
        wrong.append(("timePeriod/start", start_text, START if start_text else REQUIRED))
    duration = parse_int(duration_text) if duration_text else BY_TYPE
    if duration is None or not (0 < duration <= MAX_DURATION or not duration_text):
        wrong.append(("timePeriod/duration", duration_text, DURATION))
    return start or 0, duration or BY_TYPE, ordinal


def quality(codes: Sequence[str]) -> int:
    """Whether a reading is estimated, of all that is said of its quality."""
    if not codes:
        return NOT_SAID
    return IS_ESTIMATED if any(parse_int(code) in ESTIMATED for code in codes) else MEASURED
