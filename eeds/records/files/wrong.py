"""What is wrong with the rows of a table: all of it, so that it can be corrected at once."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from eeds.errors import EedsError
from eeds.formats.text_columns import MOST_WRONG
from eeds.records.files.grid_rows import GridTable
from eeds.records.files.taken import CellFault, Rows


class TooManyWrong(EedsError):
    """So much of a file is wrong that it is read no further: `faults` are what was found, of that `table`."""

    def __init__(self, faults: Sequence[CellFault], table: GridTable | None = None) -> None:
        super().__init__()
        self.faults = faults
        self.table = table

    def of(self, table: GridTable) -> "TooManyWrong":
        """The same, of a table."""
        return TooManyWrong(self.faults, table)


def require_few_faults(faults: Sequence[CellFault], most: int | None = None) -> None:
    """Raises TooManyWrong for more than that, or than anybody is told about."""
    if len(faults) > (MOST_WRONG if most is None else most):
        raise TooManyWrong(faults)


class Wrong:
    """Messages about rows, by their position, each with its field."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.messages: dict[int, list[tuple[str, str]]] = {}

    def note(self, name: str, found: Mapping[int, str]) -> None:
        """Note what is wrong with a field of some rows; of one field the first message. Raises TooManyWrong where that
        are more than anybody is told about."""
        for place, message in found.items():
            said = self.messages.setdefault(place, [])
            if name not in (field for field, _ in said):
                said.append((name, message))
        if len(self.messages) > MOST_WRONG:
            unknown = np.full(len(self.rows), -1)
            raise TooManyWrong([*self.faults(unknown)])

    def copy(self) -> "Wrong":
        """A copy, to note more in it."""
        copied = Wrong(self.rows)
        copied.messages = {place: [*said] for place, said in self.messages.items()}
        return copied

    @property
    def places(self) -> list[int]:
        """The positions of the rows that something is wrong with."""
        return [*self.messages]

    def faults(
        self,
        sources: NDArray[np.int32],
        values: NDArray[np.float64] | None = None,
    ) -> Iterator[CellFault]:
        """The faults, with the cells as they stand in the file; one of a row without a source is beside another."""
        rows = self.rows
        for place, said in sorted(self.messages.items()):
            cells, source = rows[place], int(sources[place])
            value = float("nan") if values is None else float(values[place])
            in_order = sorted(said, key=lambda each: rows.header.places.get(each[0], len(cells)))
            for number, (name, message) in enumerate(in_order):
                at = rows.header.places.get(name)
                cell, counts = "" if at is None else cells[at], number == 0 and source >= 0
                yield CellFault(rows.places[place], name, cell, message, source, value, counts)
