"""The accounts of a load: what came in of each trace, and what became of it, in readings and in energy."""

import math
from collections.abc import Mapping, Sequence
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from eeds.records.balance import Balance, Tally, energy_of, tallies_by_trace
from eeds.records.files.local_time import Mask
from eeds.records.files.plan import LoadedTrace
from eeds.records.files.taken import CellFault, Taken
from eeds.records.files.traces import Found, TraceOfFile
from eeds.records.files.wrong import require_few_faults


class Accounts:
    """What came in, in the units of the traces, and the faults that are refused so far.

    A reading of no trace has no unit: of those only the number is known. `lines` has for each row of the grid the line
    of the file. Of faults there may be `most`."""

    def __init__(self, taken: Taken, found: Sequence[Found], lines: Sequence[int], most: int) -> None:
        self.taken = taken
        self.most = most
        self.lines = lines
        self.found = found
        self.factors = np.array([each.factor if isinstance(each, TraceOfFile) else math.nan for each in found] or [1.0])
        self.ids = np.array([each.id if isinstance(each, TraceOfFile) else -1 for each in found] or [-1], np.int64)
        with np.errstate(over="ignore"):
            self.values: NDArray[np.float64] = taken.values * self.factors[taken.sources]
        self.faults: list[CellFault] = list(taken.faults)
        require_few_faults(self.faults, most)
        self.balances: dict[int, Balance] = {}
        self.left_out = 0
        self.repeated = 0
        self.refused = 0
        self.receive()

    def receive(self) -> None:
        """Count what came in, and what the reader of the file has refused."""
        ids = self.ids[self.taken.sources]
        is_known = ids >= 0
        for id, tally in tallies_by_trace(ids[is_known], self.values[is_known]):
            self.add(id, received=tally)
        for fault in filter(attrgetter("counts"), self.faults):
            self.refused += 1
            if fault.source >= 0 and self.ids[fault.source] >= 0:
                tally = Tally(1, energy_of([fault.value * self.factors[fault.source]]))
                self.add(int(self.ids[fault.source]), received=tally, refused=tally)

    @property
    def received(self) -> int:
        """How many readings the file has."""
        return len(self.taken.rows) + sum(fault.counts for fault in self.taken.faults) - self.left_out

    def add(self, id: int, **tallies: Tally) -> None:
        """Add to the balance of a trace."""
        self.balances[id] = self.balances.get(id, Balance()) + Balance(**tallies)

    def refuse(self, at: int, field: str | None, message: str, cell: str | None = None) -> None:
        """Refuse the reading at a position; its cell is that of the field as the file has it. Raises TooManyWrong."""
        source = int(self.taken.sources[at])
        cell = self.cell_of(at, field) if cell is None else cell
        self.faults.append(CellFault(int(self.taken.rows[at]), field, cell, message, source))
        require_few_faults(self.faults, self.most)
        self.refused += 1
        if self.ids[source] >= 0:
            self.add(int(self.ids[source]), refused=self.tally(at))

    def cell_of(self, at: int, field: str | None) -> str:
        """What the file says of a field of the reading at a position."""
        source = self.taken.names[self.taken.sources[at]]
        names: Mapping[str | None, object] = {
            "project_id": source.project_id,
            "fuel": source.interpretation,
            "label": source.label,
            "unit": source.unit,
            "metadata_id": source.metadata_id,
        }
        if field in names:
            return str(names[field] if names[field] is not None else "")
        times = {"start": self.taken.times.local, "end": self.taken.times.ends}
        if field not in times:
            return ""
        return str(np.datetime64(int(times[field][at]), "s")).replace("T", " ")

    def line_of(self, at: int) -> int:
        """The line that the reading at a position stands on."""
        return self.lines[int(self.taken.rows[at])]

    def tally(self, at: int) -> Tally:
        """The reading at a position."""
        return Tally(1, energy_of([self.values[at]]))

    def repeat(self, at: int) -> None:
        """Note that the reading at a position says the same as one before it."""
        self.repeated += 1
        self.add(int(self.ids[self.taken.sources[at]]), replaced=self.tally(at))

    def leave_out(self, nothing: Mask) -> None:
        """Take back what is no reading: empty cells for an hour that there was not."""
        for at in np.flatnonzero(nothing).tolist():
            self.left_out += 1
            id = int(self.ids[self.taken.sources[at]])
            if id >= 0:
                self.add(id, received=Tally(-1))

    def traces(self) -> list[LoadedTrace]:
        """The balance of each trace, in the order of the file."""
        known = {each.id: each for each in self.found if isinstance(each, TraceOfFile)}
        return [
            LoadedTrace(id, each.project_id, each.interpretation, each.label, each.unit, self.balances[id])
            for id, each in known.items()
            if id in self.balances
        ]
