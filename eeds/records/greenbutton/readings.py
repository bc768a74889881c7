"""The readings of a body between its XML and its traces: packed rows in a file, 43 bytes each, because the ReadingType
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
from eeds.records.greenbutton.codes import (
    ESTIMATED,
    MAX_DURATION,
    MAX_REGISTER,
    NORMALIZED_FOR_WEATHER,
    REGISTER_ELEMENTS,
)
from eeds.records.ids import EPOCH, FIRST_START, LAST_START
from eeds.records.refusals import Refusal

MEASURED, IS_ESTIMATED, NOT_SAID, IS_REFUSED = range(4)
REGISTER = "The {} is a whole number from 0 to 32767."
NO_REGISTER = -1
BY_TYPE = 0  # the duration of a reading that leaves it to its ReadingType
# Readings that are held and sorted in memory, of one block or of blocks that overlap: 7 years of quarters of an hour.
MAX_AT_ONCE = 250_000
EARLIEST, LATEST = (int((time - EPOCH).total_seconds()) for time in (FIRST_START, LAST_START))
START = "A start is whole seconds since 1970, UTC, between 1900 and 2100."
DURATION = f"A duration is a positive number of seconds, {MAX_DURATION} at most."

PACKING = struct.Struct("<qqiiidBhhh")
ROW = np.dtype(
    [
        ("index", "<i8"),
        ("start", "<i8"),
        ("duration", "<i4"),
        ("ordinal", "<i4"),  # intervals of its ReadingType from the block's start; 0 if the reading has a start
        ("line", "<i4"),
        ("value", "<f8"),  # NaN: missing
        ("quality", "u1"),  # a refused one is kept for its energy alone
        ("registers", "<i2", (3,)),  # in the order of REGISTER_ELEMENTS; NO_REGISTER leaves it to the ReadingType
    ]
)
assert PACKING.size == ROW.itemsize
Rows = NDArray[np.void]
Fault = tuple[str, str | None, str]  # element, text, reason


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


def row_of(
    texts: Mapping[str, str], qualities: Sequence[str], block_start: str, ordinal: int, index: int, line: int
) -> tuple[Sequence[Any], list[Fault]]:
    """The row of a reading, and what is wrong with it.

    `texts` are its elements, `qualities` the codes of its quality. A reading without a start is an interval of its
    ReadingType behind the one before it in its block, as the standard has it: `block_start` is the start of the block,
    `ordinal` the number of the reading in it.
    """
    wrong: list[Fault] = []
    own_start, text, own_duration = texts.get("start"), texts.get("value"), texts.get("duration")
    start = parse_int(own_start or block_start)
    if start is None or not EARLIEST <= start < LATEST:
        wrong.append(("timePeriod/start", own_start, START if own_start else REQUIRED))
    duration = parse_int(own_duration) if own_duration else BY_TYPE
    if duration is None or not (0 < duration <= MAX_DURATION or not own_duration):
        wrong.append(("timePeriod/duration", own_duration, DURATION))
    value = parse_number(text) if text else math.nan
    if value is None:
        wrong.append(("value", text, NUMBER))
    if str(NORMALIZED_FOR_WEATHER) in qualities:
        wrong.append(("quality", "15", "The value is normalized for weather: it is not what was used."))
    registers = [register(texts.get(name, "")) for name in REGISTER_ELEMENTS]
    wrong += [
        (name, texts[name], REGISTER.format(name))
        for name, number in zip(REGISTER_ELEMENTS, registers, strict=True)
        if number is None
    ]
    if wrong:
        refused = math.nan if value is None else value
        return (index, 0, BY_TYPE, 0, line, refused, IS_REFUSED, *[NO_REGISTER] * len(REGISTER_ELEMENTS)), wrong
    return (index, start, duration, 0 if own_start else ordinal, line, value, quality(qualities), *registers), wrong


def register(text: str) -> int | None:
    """The number of a register, NO_REGISTER if none is named; None for what is no such number."""
    if not text:
        return NO_REGISTER
    number = parse_int(text)
    return number if number is not None and 0 <= number <= MAX_REGISTER else None


def quality(codes: Sequence[str]) -> int:
    """Whether a reading is estimated, of all that is said of its quality."""
    if not codes:
        return NOT_SAID
    return IS_ESTIMATED if any(parse_int(code) in ESTIMATED for code in codes) else MEASURED
