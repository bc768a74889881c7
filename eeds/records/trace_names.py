"""Consumption records that name their trace by project, interpretation and label, as a utility's file does: traces that
are not there yet are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from typing import Any, NamedTuple

import msgspec
import numpy as np
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.binary_copy import Columns
from eeds.db.tables import ConsumptionMetadata, Project
from eeds.formats.messages import BLANK
from eeds.meter.names import INTERPRETATIONS, UNITS
from eeds.records.batch import Segment
from eeds.records.consumption import Records, TraceGone, check_start, part, starts_all_right
from eeds.records.fields import NAME, Column, read_boolean, read_number, read_time
from eeds.records.record_type import Kind
from eeds.records.refusals import Counts, Refusal

MAX_LENGTH = 255
NO_TRACE = -1


class NamedRow(msgspec.Struct, gc=False):
    """A reading of a trace that is named."""

    project_id: str
    interpretation: str
    unit: str
    start: datetime
    value: float | None
    label: str | None = None
    estimated: bool = False

    @property
    def name(self) -> tuple[Any, ...]:
        """What it says of its trace."""
        return self.project_id, self.interpretation, self.label, self.unit


class Name(NamedTuple):
    """A trace as a file names it."""

    project_id: str
    interpretation: str
    label: str | None
    unit: str


@dataclass(frozen=True)
class Unknown:
    """Why a name means no trace: the field at fault, and what is wrong with it."""

    field: str
    message: str


class NamedRecords:
    """Where such records go: to the traces of their names, and on as any others."""

    def __init__(self, session: Session, principal: Principal, hurry: bool) -> None:
        self.session = session
        self.principal = principal
        self.records = Records(session, principal, hurry)
        self.known: dict[Name, int | Unknown] = {}

    def add(self, segment: Segment) -> Sequence[Refusal]:
        """Store the records whose names mean a trace; the refusals of the others."""
        known, refusals = self.identified(segment)
        if known.places and self.records.add(known):
            raise TraceGone
        return refusals

    def check(self, segment: Segment) -> Sequence[Refusal]:
        """The refusals of records whose names mean no trace."""
        return self.identified(segment)[1]

    def identified(self, segment: Segment) -> tuple[Segment, Sequence[Refusal]]:
        """The records whose names mean a trace, with its id in place of its name; the refusals of the others."""
        columns, names = columns_in(segment)
        self.learn([name for name in dict.fromkeys(names) if name not in self.known])
        found = [self.known[name] for name in names]
        ids = np.array([NO_TRACE if isinstance(one, Unknown) else one for one in found], np.int64)[columns["name"]]
        unknown = np.flatnonzero(ids == NO_TRACE)
        refusals = [refusal(segment.places[row], columns, row, names, found) for row in unknown.tolist()]
        rest = {name: column for name, column in columns.items() if name != "name"}
        identified = Segment(segment.sent, segment.places, columns={"metadata_id": ids, **rest})
        return part(identified, ids != NO_TRACE) if refusals else identified, refusals

    def finish(self) -> Counts:
        """Store what was taken."""
        return self.records.finish()

    def learn(self, names: Sequence[Name]) -> None:
        """Find out what these names mean: two statements, and two more where traces have to be made."""
        if not names:
            return
        projects = self.projects({name.project_id for name in names})
        for name in names:
            if name.project_id not in projects:
                self.known[name] = Unknown("project_id", f'There is no project "{name.project_id}".')
        rest = [name for name in names if name.project_id in projects]
        missing = self.find(rest, projects)
        if missing:
            # two loads that make the same trace take turns; syncs of traces do so by the same lock
            self.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(ConsumptionMetadata.__tablename__))))
            self.make(self.find(missing, projects), projects)

    def projects(self, labels: set[str]) -> dict[str, int]:
        """The ids of the asker's projects of these names."""
        wanted = among(Project.project_id, labels), visible(self.principal, Project)
        rows = self.session.execute(select(Project.project_id, Project.id).where(*wanted))
        return {row.project_id: row.id for row in rows}

    def find(self, names: Sequence[Name], projects: dict[str, int]) -> list[Name]:
        """Note the traces that there are; the names of those that there are not."""
        trace = ConsumptionMetadata
        columns = trace.id, trace.project_id, trace.interpretation, trace.label, trace.unit
        ids = {projects[name.project_id] for name in names}
        stored: dict[tuple[Any, ...], list[Any]] = {}
        for row in self.session.execute(select(*columns).where(among(trace.project_id, ids))):
            stored.setdefault((row.project_id, row.interpretation, row.label), []).append(row)
        missing = []
        for name in names:
            found = stored.get((projects[name.project_id], name.interpretation, name.label), [])
            if found:
                self.known[name] = meaning(name, found)
            else:
                missing.append(name)
        return missing

    def make(self, names: Sequence[Name], projects: dict[str, int]) -> None:
        """Make the traces; of names that differ in nothing but the unit, the first to come is right."""
        first: dict[tuple[str, str, str | None], Name] = {}
        for name in names:
            first.setdefault((name.project_id, name.interpretation, name.label), name)
        if not first:
            return
        values = [
            {
                "project_id": projects[name.project_id],
                "interpretation": name.interpretation,
                "label": name.label,
                "unit": name.unit,
            }
            for name in first.values()
        ]
        self.session.execute(insert(ConsumptionMetadata), values)
        self.find(names, projects)


def columns_in(segment: Segment) -> tuple[Columns, Sequence[Name]]:
    """The records of a segment as columns, and the names in them."""
    if segment.columns is not None:
        return segment.columns, [Name(*name) for name in segment.names]
    numbers: dict[tuple[Any, ...], int] = {}
    rows = segment.rows
    columns = {
        "name": np.array([numbers.setdefault(row.name, len(numbers)) for row in rows], np.int64),
        "start": np.array([int(row.start.timestamp()) for row in rows], "datetime64[s]"),
        "value": np.array([row.value for row in rows], np.float64),
        "estimated": np.array([row.estimated for row in rows], np.bool_),
    }
    return columns, [Name(*name) for name in numbers]


def refusal(place: int, columns: Columns, row: int, names: Sequence[Name], found: Sequence[int | Unknown]) -> Refusal:
    """Why a record cannot be stored whose name means no trace."""
    number = int(columns["name"][row])
    name, reason = names[number], found[number]
    assert isinstance(reason, Unknown)
    value = float(columns["value"][row])
    item = name._asdict() | {
        "start": f"{columns['start'][row]}Z",
        "value": None if isnan(value) else value,
        "estimated": bool(columns["estimated"][row]),
    }
    return Refusal(place, reason.field, item[reason.field], reason.message, item)


def meaning(name: Name, found: Sequence[Any]) -> int | Unknown:
    """The trace that a name means, of those that bear it."""
    if len(found) > 1:
        return Unknown("label", "Several traces have this project_id, interpretation and label; send metadata_id.")
    (trace,) = found
    if trace.unit != name.unit:
        return Unknown("unit", f"The trace has the unit {trace.unit}.")
    id: int = trace.id
    return id


def read_text(sent: Any) -> str:
    """A text, not too long."""
    text = str(sent).strip()
    if not text:
        raise ValueError(BLANK)
    if len(text) > MAX_LENGTH:
        raise ValueError(f"Ensure this field has no more than {MAX_LENGTH} characters.")
    if "\0" in text:
        raise ValueError("Null characters are not allowed.")
    return text


def read_interpretation(sent: Any) -> str:
    """One of the kinds of traces."""
    return read_choice(sent, INTERPRETATIONS)


def read_unit(sent: Any) -> str:
    """One of the units."""
    return read_choice(sent, UNITS)


def read_choice(sent: Any, choices: Any) -> str:
    """One of a few words."""
    word = str(sent).strip()
    if word not in choices:
        raise ValueError(f'"{word}" is not a valid choice.')
    return word


NAMED = Kind(
    "consumption_records",
    NamedRow,
    {
        "project_id": Column(read_text, NAME),
        "interpretation": Column(read_interpretation, NAME),
        "label": Column(read_text, NAME, nullable=True, default=None),
        "unit": Column(read_unit, NAME),
        "start": Column(read_time, "instant"),
        "value": Column(read_number, "number", nullable=True),
        "estimated": Column(read_boolean, "boolean", default=False),
    },
    check_start,
    starts_all_right,
    NamedRecords,
)
