"""What is wrong with the rows of a table: all of it, so that it can be corrected at once."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eeds.records.files.taken import CellFault, Rows


class Wrong:
    """Messages about rows, by their position, each with its field."""

    def __init__(self) -> None:
        self.messages: dict[int, list[tuple[str, str]]] = {}

    def note(self, name: str, found: Mapping[int, str]) -> None:
        """Note what is wrong with a field of some rows; of one field the first message."""
        for place, message in found.items():
            said = self.messages.setdefault(place, [])
            if name not in (field for field, _ in said):
                said.append((name, message))

    def copy(self) -> "Wrong":
        """A copy, to note more in it."""
        copied = Wrong()
        copied.messages = {place: [*said] for place, said in self.messages.items()}
        return copied

    @property
    def places(self) -> list[int]:
        """The positions of the rows that something is wrong with."""
        return [*self.messages]

    def faults(
        self,
        rows: Rows,
        sources: NDArray[np.int64],
        values: NDArray[np.float64] | None = None,
    ) -> Iterator[CellFault]:
        """The faults, with the cells as they stand in the file; one of a row without a source is beside another."""
        for place, said in sorted(self.messages.items()):
            cells, source = rows.cells[place], int(sources[place])
            value = float("nan") if values is None else float(values[place])
            in_order = sorted(said, key=lambda each: rows.header.places.get(each[0], len(cells)))
            for number, (name, message) in enumerate(in_order):
                at = rows.header.places.get(name)
                fault = CellFault(rows.places[place], name, "" if at is None else cells[at], message, source, value)
                yield replace(fault, counts=number == 0 and source >= 0)
