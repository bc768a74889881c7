"""What became of a file, as pages show it and as its load keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from eeds.records.balance import Balance
from eeds.records.merging import Change

# Traces that a page lists.
LISTED_TRACES = 200


@dataclass(frozen=True)
class TraceOutcome:
    """What became of the readings of a trace, in its unit, and the first of those that had been stored with other
    values."""

    name: str
    unit: str
    balance: Balance
    changes: Sequence[Change]


@dataclass(frozen=True)
class Outcome:
    """What became of a file: counts by noun, what was refused in words, and the refused rows as CSV."""

    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    refused: int = 0
    problems: Sequence[str] = ()
    refused_rows: bytes = b""
    is_cut: bool = False  # there are more refused rows
    notes: Sequence[str] = ()
    traces: Sequence[TraceOutcome] = ()
    trace_count: int = 0  # of those that are not listed, too
    has_refused_rows: bool = False  # of one that was kept, whose rows are kept beside it

    @property
    def is_nothing(self) -> bool:
        """Whether all of the file was refused."""
        return self.refused > 0 and not any(number for each in self.counts.values() for number in each.values())


def kept_form(outcome: Outcome) -> dict[str, Any]:
    """An outcome as its load keeps it, without the refused rows, and with the first of its traces."""
    short = replace(
        outcome,
        refused_rows=b"",
        has_refused_rows=bool(outcome.refused_rows),
        traces=outcome.traces[:LISTED_TRACES],
        trace_count=len(outcome.traces),
    )
    kept: dict[str, Any] = storable(msgspec.to_builtins(short))
    return kept


def read_kept(kept: Mapping[str, Any]) -> Outcome:
    """The outcome that was kept so."""
    return msgspec.convert(kept, Outcome)


def storable(value: Any) -> Any:
    """A value whose texts Postgres can store, and a page can show: what they quote of a file may be neither."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
    if isinstance(value, dict):
        return {storable(name): storable(each) for name, each in value.items()}
    return [storable(each) for each in value] if isinstance(value, list | tuple) else value
