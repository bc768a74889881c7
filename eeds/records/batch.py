"""Some consecutive records of a body on their way into the database: whole columns, and what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eeds.db.binary_copy import Columns
from eeds.records.refusals import Refusal

if TYPE_CHECKING:
    from eeds.records.file_rows import ArrowRows

# Enough records that a COPY of their own costs little, few enough to be held in memory.
BATCH_RECORDS = 50_000
BATCH_BYTES = 2 * 2**20

Names = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Batch:
    """The good records as `columns`, one array a field (starts in datetime64[s], NaN for a missing value), and the
    refusals of the others.

    Fields that name something together (a trace, a station) are one column, `name`: positions in `names`.
    """

    sent: int  # records, good or refused
    rows: Sequence[int]  # the row number of each good one, counted from 0 in the whole body
    columns: Columns
    names: Names = ()
    refusals: Sequence[Refusal] = ()
    file_rows: "ArrowRows | None" = None  # where refused rows are wanted as they stand in their file
    is_table: bool = False  # refused rows, where they are wanted, are those of its file
    is_unusual: bool = False  # its records were read one by one, which takes many times as long

    def part(self, mask: NDArray[np.bool_]) -> "Batch":
        """Some of its good records."""
        rows = np.asarray(self.rows)[mask].tolist()
        return replace(self, rows=rows, columns={name: column[mask] for name, column in self.columns.items()})

    def refusal(self, position: int, field: str, message: str, **more: Any) -> Refusal:
        """The refusal of one of its good records, which the database knows to be bad; `more` are fields of it that are
        no columns."""
        item = {name: column[position].item() for name, column in self.columns.items() if name != "name"} | more
        item["start"] = f"{self.columns['start'][position]}Z"
        item["value"] = None if isnan(item["value"]) else item["value"]
        return Refusal(self.rows[position], field, item[field], message, None if self.is_table else item)
