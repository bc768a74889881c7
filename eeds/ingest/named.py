"""Consumption records that name their trace by project, interpretation and label, as a utility's file does: traces that
are not there yet are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from eeds.auth import Principal
from eeds.db import among
from eeds.ingest.columns import Column, read_boolean, read_number, read_time
from eeds.ingest.consumption import Records, Row, check_start
from eeds.ingest.kind import Kind
from eeds.ingest.report import Counts, Refusal
from eeds.ingest.segment import Segment
from eeds.messages import BLANK
from eeds.meter.names import INTERPRETATIONS, UNITS
from eeds.tables import ConsumptionMetadata, Project
from eeds.visibility import visible

MAX_LENGTH = 255


class NamedRow(msgspec.Struct, gc=False):
    """A reading of a trace that is named."""

    project_id: str
    interpretation: str
    unit: str
    start: datetime
    value: float | None
    label: str | None = None
    estimated: bool = False

    def name(self) -> "Name":
        """What it says of its trace."""
        return Name(self.project_id, self.interpretation, self.label, self.unit)


@dataclass(frozen=True)
class Name:
    """A trace as a file names it."""

    project: str
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
        refusals = self.check(segment)
        refused = {refusal.index for refusal in refusals}
        kept = [
            (place, Row(self.id_of(row), row.start, row.value, row.estimated))
            for place, row in zip(segment.places, segment.rows, strict=True)
            if place not in refused
        ]
        if kept:
            places, rows = zip(*kept, strict=True)
            self.records.add(Segment(len(rows), places, rows))
        return refusals

    def id_of(self, row: NamedRow) -> int:
        """The trace of a record that is not refused."""
        id = self.known[row.name()]
        assert isinstance(id, int)
        return id

    def check(self, segment: Segment) -> Sequence[Refusal]:
        """The refusals of records whose names mean no trace."""
        self.learn({row.name() for row in segment.rows} - self.known.keys())
        refusals = []
        for place, row in zip(segment.places, segment.rows, strict=True):
            found = self.known[row.name()]
            if isinstance(found, Unknown):
                item = msgspec.structs.asdict(row)
                refusals.append(Refusal(place, found.field, item[found.field], found.message, item))
        return refusals

    def finish(self) -> Counts:
        """Store what was taken."""
        return self.records.finish()

    def learn(self, names: set[Name]) -> None:
        """Find out what these names mean: two statements, and two more where traces have to be made."""
        if not names:
            return
        projects = self.projects({name.project for name in names})
        for name in names:
            if name.project not in projects:
                self.known[name] = Unknown("project_id", f'There is no project "{name.project}".')
        rest = [name for name in names if name.project in projects]
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
        ids = {projects[name.project] for name in names}
        stored: dict[tuple[Any, ...], list[Any]] = {}
        for row in self.session.execute(select(*columns).where(among(trace.project_id, ids))):
            stored.setdefault((row.project_id, row.interpretation, row.label), []).append(row)
        missing = []
        for name in names:
            found = stored.get((projects[name.project], name.interpretation, name.label), [])
            if found:
                self.known[name] = meaning(name, found)
            else:
                missing.append(name)
        return missing

    def make(self, names: Sequence[Name], projects: dict[str, int]) -> None:
        """Make the traces; two names that differ in nothing but the unit mean the first of them."""
        first: dict[tuple[str, str, str | None], Name] = {}
        for name in sorted(names, key=lambda name: (name.project, name.interpretation, name.label or "", name.unit)):
            first.setdefault((name.project, name.interpretation, name.label), name)
        if not first:
            return
        values = [
            {
                "project_id": projects[name.project],
                "interpretation": name.interpretation,
                "label": name.label,
                "unit": name.unit,
            }
            for name in first.values()
        ]
        self.session.execute(insert(ConsumptionMetadata), values)
        self.find(names, projects)


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
        "project_id": Column(read_text),
        "interpretation": Column(read_interpretation),
        "label": Column(read_text, nullable=True, default=None),
        "unit": Column(read_unit),
        "start": Column(read_time),
        "value": Column(read_number, nullable=True),
        "estimated": Column(read_boolean, default=False),
    },
    check_start,
    None,
    NamedRecords,
)
