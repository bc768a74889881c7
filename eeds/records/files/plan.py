"""What a file was taken for: said by every answer, so that people see a mistake before it is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eeds.records.balance import Balance
from eeds.records.files.header import Header
from eeds.records.merging import Change
from eeds.records.refusals import Counts
from eeds.records.refused_rows import Refusals

PLAIN, LONG, WIDE = "plain table", "table", "wide table"


@dataclass(frozen=True)
class Plan:
    """What a file was taken for. `kind` is PLAIN, LONG, WIDE, NEM12 or NEM13; `columns` are the heads of fields, `said`
    what the profile or an option says in place of one; `timezones` are those of local times, by project. `ends` says
    how ends are written, `units` what became of units, `skipped_lines` are no rows of the table."""

    kind: str
    profile: str | None = None
    header_line: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None
    decimal: str | None = None
    timezones: Mapping[str, str] = field(default_factory=dict)
    ends: str | None = None
    units: Sequence[str] = ()
    skipped_lines: Sequence[int] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class LoadedTrace:
    """What became of the readings of a trace."""

    id: int
    project_id: str
    interpretation: str
    label: str | None
    unit: str
    balance: Balance


@dataclass(frozen=True)
class LoadedFile:
    """What became of a file, or in a dry run would become of it. `counts` are of records, `received` is how many
    readings the file has; `changes` are the first stored readings that differ now."""

    plan: Plan
    counts: Counts
    traces: Sequence[LoadedTrace]
    received: int
    refused_readings: int
    refused: Refusals
    changes: Sequence[Change] = ()
    ignored_columns: Sequence[str] = ()


def columns_of(header: Header) -> dict[str, str]:
    """The heads of the fields of a table."""
    return {name: header.cells[place] for name, place in header.places.items()}
