"""Spans of time in which readings start, for blocks and for the readings in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement

from eeds.db.tables import ConsumptionBlock
from eeds.records.ids import LAST_START


@dataclass(frozen=True)
class StartSpan:
    """From `first` on, but before `end`; None: without a bound."""

    first: datetime | None = None
    end: datetime | None = None

    def __and__(self, other: "StartSpan") -> "StartSpan":
        """What is in both."""
        firsts = [each for each in (self.first, other.first) if each is not None]
        ends = [each for each in (self.end, other.end) if each is not None]
        return StartSpan(max(firsts, default=None), min(ends, default=None))

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """What holds for a block that has readings of the span."""
        block = ConsumptionBlock
        since = [] if self.first is None else [block.last_start >= self.first]
        return [*since, *([] if self.end is None else [block.first_start < self.end])]

    def holds(self, starts: NDArray[np.datetime64]) -> NDArray[np.bool_]:
        """Which of the starts (datetime64[s]) are in it."""
        microseconds = starts.astype("datetime64[us]")
        since = True if self.first is None else microseconds >= in_utc(self.first)
        return np.broadcast_to(since & (True if self.end is None else microseconds < in_utc(self.end)), starts.shape)


ALWAYS = StartSpan()


def instant(time: datetime) -> StartSpan:
    """The span that has only that time."""
    return StartSpan(time, behind(time, timedelta(microseconds=1)))


def behind(time: datetime, step: timedelta) -> datetime:
    """The time so much later, as far as readings may start."""
    return min(time, LAST_START) + step


def in_utc(time: datetime) -> np.datetime64:
    """A time as numpy has it."""
    return np.datetime64(time.astimezone(UTC).replace(tzinfo=None), "us")
