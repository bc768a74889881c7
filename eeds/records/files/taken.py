"""The readings that a file was taken to have, before anything is known of the traces and zones they are of."""

import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eeds.errors import BodyTooLarge
from eeds.formats.lazy_sequence import LazySequence
from eeds.formats.packed_rows import Row
from eeds.records.files.header import Header
from eeds.records.files.local_time import Seconds

NEVER = np.iinfo(np.int64).min  # in place of a local time that is not said


MAX_READINGS = 400_000  # of a table whose rows are days


def require_few_readings(count: int) -> None:
    """Raises BodyTooLarge for more readings than are held."""
    if count > MAX_READINGS:
        raise BodyTooLarge(f"The table has more than {MAX_READINGS:,} readings; send it in parts.")


class Source(NamedTuple):
    """Whose readings they are, as the file says it: a trace by id, or by names; and the unit they are in, "" where the
    file does not say it."""

    metadata_id: int | None
    project_id: str
    interpretation: str
    label: str | None
    unit: str


@dataclass(frozen=True)
class Times:
    """When readings start and end. A start is `after` so many seconds from a local time, or from an instant in UTC
    where that is one; an end is a local time (or instant), or follows when the reading `lasts` so long, or is not said.
    `said` is what a column says of the hour that comes twice."""

    local: Seconds
    is_instant: NDArray[np.bool_]
    after: Seconds
    ends: Seconds
    ends_are_instants: NDArray[np.bool_]
    lasts: Seconds
    said: NDArray[np.int8] | None = None

    def part(self, mask: NDArray[np.bool_]) -> "Times":
        """Those of some readings."""
        return self.of(lambda each: each[mask])

    def beside(self, other: "Times", order: NDArray[np.intp]) -> "Times":
        """These and others, in an order."""
        others = iter(vars(other).values())
        return self.of(lambda each: np.concatenate((each, next(others)))[order])

    def of(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> "Times":
        """The same with every array changed."""
        said = self.said
        arrays = {name: change(each) for name, each in vars(self).items() if name != "said"}
        return Times(**arrays, said=None if said is None else change(said))

    @property
    def have_ends(self) -> bool:
        """Whether every reading has an end."""
        return bool(((self.ends != NEVER) | (self.lasts > 0)).all()) and len(self.local) > 0


class CellFault(NamedTuple):
    """What is wrong with a reading: the row of the grid, the field at fault, its cell, and a message; and where that is
    known, the position of its source and its value in the unit of that. Of several about one reading only the first
    `counts`."""

    row: int
    field: str | None
    cell: str
    message: str
    source: int = -1
    value: float = math.nan
    counts: bool = True


@dataclass(frozen=True)
class Taken:
    """Readings in the order of the file. `rows` are their places in the grid and `places` the columns of their values;
    `sources` are positions in `names`; `values` are in the unit of the source; NaN: missing. `faults` say what of the
    file is no reading."""

    rows: NDArray[np.int32]
    places: NDArray[np.int32]
    sources: NDArray[np.int32]
    names: Sequence[Source]
    times: Times
    values: NDArray[np.float64]
    estimated: NDArray[np.bool_]
    faults: Sequence[CellFault] = ()
    said: Mapping[str, Any] = field(default_factory=dict)  # what the plan says beside its header
    notes: Sequence[str] = ()
    blanks_may_be_skipped: bool = False  # an empty cell for an hour that there was not is nothing

    def part(self, mask: NDArray[np.bool_]) -> "Taken":
        """Some of the readings, without the faults."""
        if mask.all():
            return replace(self, faults=(), said={}, notes=())
        return Taken(
            self.rows[mask],
            self.places[mask],
            self.sources[mask],
            self.names,
            self.times.part(mask),
            self.values[mask],
            self.estimated[mask],
        )


@dataclass(frozen=True)
class Rows(LazySequence[Row]):
    """The rows of a table below its header that may be readings, each with as many cells as the header: their places in
    the `grid`, and the interpretation that a section of the file says. `skipped` are lines that are no rows of the
    table, `faults` are rows with too few or too many cells."""

    header: Header
    grid: Sequence[Row]
    places: "array[int]"
    sections: Sequence[str]
    skipped: Sequence[int]
    faults: Sequence[CellFault] = ()

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Row]:
        places = iter(self.places)
        next_place = next(places, None)
        for place, cells in enumerate(self.grid):
            if place == next_place:
                yield self.filled(cells)
                next_place = next(places, None)

    def item(self, place: int) -> Row:
        """A row."""
        return self.filled(self.grid[self.places[place]])

    def filled(self, cells: Row) -> Row:
        """The cells, with empty ones as far as the header goes."""
        missing = len(self.header.cells) - len(cells)
        return [*cells, *[""] * missing] if missing > 0 else cells
