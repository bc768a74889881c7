"""Records inside their traces, as JSON in pieces."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from eeds.db.cursors import Rows
from eeds.formats.json_array import encode_inner, json_array

NONE_LEFT: tuple[int | None, Iterator[Any]] = (None, iter(()))

first, last = itemgetter(0), itemgetter(-1)


class NestedRecord(msgspec.Struct, gc=False):
    """A record of a trace."""

    id: int
    start: datetime
    value: float | None
    estimated: bool


def records_of(traces: Sequence[int], chunks: Iterable[Rows]) -> Iterator[Iterator[bytes]]:
    """For each of the traces the JSON array of its records, in pieces that are gone when the next trace is asked for.

    `chunks` has the rows (id, start, value, estimated, metadata_id) of the traces, in the traces' order.
    """
    runs = (run for rows in chunks for run in groupby(rows, key=last))
    by_trace = groupby(runs, key=first)
    there, found = next(by_trace, NONE_LEFT)
    for trace in traces:
        if trace == there:
            yield json_array([encode_run(run)] for _, run in found)
            there, found = next(by_trace, NONE_LEFT)
        else:
            yield json_array(())


def encode_run(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """Records of one trace, with commas between."""
    return encode_inner([NestedRecord(id, start, value, estimated) for id, start, value, estimated, _ in rows])
