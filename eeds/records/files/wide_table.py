"""Wide tables: a row for each day, with a column for each part of it."""

from collections.abc import Iterator

import numpy as np

from eeds.errors import MalformedBody
from eeds.formats.lazy_sequence import LazySequence
from eeds.formats.number_columns import Numbers, read_numbers
from eeds.records.files.columns import TimeColumn, read_flags
from eeds.records.files.local_time import Mask, Seconds
from eeds.records.files.long_table import named_units
from eeds.records.files.long_times import named_times
from eeds.records.files.options import FileOptions
from eeds.records.files.rows import column
from eeds.records.files.slots import Slots
from eeds.records.files.sources import sources_of
from eeds.records.files.taken import NEVER, CellFault, Rows, Taken, Times, require_few_readings
from eeds.records.files.wrong import Wrong, require_few_faults

DAY, MINUTE, HOUR_MINUTES = 86_400, 60, 60
NO_DAY = "A row of a wide table is a day; this is a time of day too."


def take_wide(rows: Rows, options: FileOptions) -> Taken:
    """The readings of a wide table, row by row. Each lasts as long as its part of the day.

    The columns are times that the clock shows. In a row that fills the columns of an hour more, or that leaves nothing
    empty but its last hour, they are the time that went by since midnight. Raises MalformedBody.
    """
    slots = rows.header.slots
    assert slots is not None
    sources = sources_of(rows, options)
    wrong = Wrong(rows)
    days = days_of(rows, options, wrong)
    flags, wrong_flags = read_flags(column(rows, "estimated") or [""] * len(rows.places))
    wrong.note("estimated", wrong_flags)
    cells = Cells(slots, rows)
    numbers = cells.numbers(options)
    is_good = sources.numbers >= 0
    row_faults = wrong.faults(sources.numbers)
    is_good[wrong.places] = False
    kept = cells.kept & is_good[:, None]
    wrong_cells = {
        (row, cell): CellFault(
            rows.places[row], rows.header.cells[slots.places[cell]], cells[row * len(slots.places) + cell], message
        )
        for (row, cell), message in cells.by_cell(numbers.wrong).items()
    }
    # of more than these not all are told, whether they are of days that are read or not
    require_few_faults([*wrong_cells.values()])
    cell_faults = [fault for at, fault in wrong_cells.items() if kept[at]]
    for at in wrong_cells:
        kept[at] = False
    at_row, at_cell = np.nonzero(kept)
    return Taken(
        np.array(rows.places, np.int32)[at_row],
        np.array(slots.places, np.int32)[at_cell],
        sources.numbers[at_row],
        named_units(sources.names, numbers, ""),
        cells.times(days, at_row, at_cell),
        numbers.values.reshape(kept.shape)[kept],
        flags[at_row],
        [*rows.faults, *sources.faults, *row_faults, *cell_faults],
        {"date_format": days.format, "decimal": numbers.decimal},
        sources.notes,
        blanks_may_be_skipped=True,
    )


def days_of(rows: Rows, options: FileOptions, wrong: Wrong) -> TimeColumn:
    """The days of the rows; notes what is wrong with them."""
    days = named_times(rows, "start", column(rows, "start") or [], options)
    wrong.note("start", days.wrong)
    has_time = (days.seconds % DAY != 0) & (days.seconds != NEVER)
    wrong.note("start", dict.fromkeys(np.flatnonzero(has_time).tolist(), NO_DAY))
    return days


class Cells(LazySequence[str]):
    """The cells of the parts of days, one behind the other, a row for each day. Raises BodyTooLarge."""

    def __init__(self, slots: Slots, rows: Rows) -> None:
        self.rows, self.slots = rows, slots
        self.seconds = slots.minutes * MINUTE
        count = len(slots.places)
        require_few_readings(len(self))
        filled = np.fromiter(map(bool, self), bool, len(self)).reshape(-1, count)
        is_extra = np.isin(np.arange(count), list(slots.extra))
        usual = filled[:, ~is_extra]
        last = HOUR_MINUTES // slots.minutes
        is_short = ~usual[:, -last:].any(axis=1) & usual[:, :-last].all(axis=1)
        self.by_clock: Mask = np.array(~filled[:, is_extra].any(axis=1) & ~is_short)
        self.kept: Mask = np.array(np.where(self.by_clock[:, None], ~is_extra, filled))
        self.number = np.cumsum(~is_extra) - 1  # of the part of a usual day

    def __len__(self) -> int:
        return len(self.rows) * len(self.slots.places)

    def __iter__(self) -> Iterator[str]:
        return (row[place] for row in self.rows for place in self.slots.places)

    def item(self, place: int) -> str:
        """A cell."""
        row, cell = divmod(place, len(self.slots.places))
        return self.rows[row][self.slots.places[cell]]

    def numbers(self, options: FileOptions) -> Numbers:
        """The values of all cells; raises MalformedBody."""
        try:
            return read_numbers(self, options.decimal or None)
        except MalformedBody as error:
            raise MalformedBody(f"The columns of values: {error}") from error

    def by_cell(self, of_texts: dict[int, str]) -> dict[tuple[int, int], str]:
        """Messages about texts, by row and cell."""
        count = self.kept.shape[1]
        return {divmod(place, count): message for place, message in of_texts.items()}

    def times(self, days: TimeColumn, at_row: Seconds, at_cell: Seconds) -> Times:
        """When the readings of some cells start and end."""
        by_clock = self.by_clock[at_row]
        midnight = days.seconds[at_row]
        local = midnight + np.where(by_clock, self.number[at_cell] * self.seconds, 0)
        count = len(at_row)
        return Times(
            local,
            days.are_instants[at_row],
            np.where(by_clock, 0, at_cell * self.seconds),
            np.where(by_clock, local + self.seconds, NEVER),
            days.are_instants[at_row],
            np.where(by_clock, 0, np.full(count, self.seconds)),
        )
