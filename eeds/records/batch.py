"""A part of a body on its way into the database: checked rows, or whole columns of them, and what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from eeds.db.binary_copy import Columns
from eeds.records.refusals import Refusal

# Records in a part: enough that a COPY of its own costs little, few enough to be held.
SEGMENT_RECORDS = 50_000
SEGMENT_BYTES = 2 * 2**20

Names = Sequence[tuple[Any, ...]]  # the fields of each, in their order


@dataclass(frozen=True)
class Segment:
    """Some consecutive records of a body. The good ones are in `rows`, structs in the order they were sent, or in
    `columns`, one array a field. The fields that name a trace are one column, `name`: numbers of `names`."""

    sent: int
    places: Sequence[int]  # where in the body each good one stood
    rows: Sequence[Any] = ()
    columns: Columns | None = None
    refusals: Sequence[Refusal] = field(default_factory=tuple)
    names: Names = ()
