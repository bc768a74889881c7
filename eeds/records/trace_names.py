"""Consumption records that name their trace by project, interpretation and label, as a utility's file does: traces that
are not there yet are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.project_names import NONE, SEVERAL, projects_named
from eeds.db.array_parameters import among
from eeds.db.name_locks import lock_names_in_projects
from eeds.db.tables import ConsumptionMetadata
from eeds.errors import BodyTooLarge
from eeds.formats.messages import BLANK
from eeds.formats.spreadsheets import unguarded
from eeds.formats.values import checked_text
from eeds.meter.names import INTERPRETATIONS, UNITS
from eeds.records.batch import Batch
from eeds.records.consumption import READING_FIELDS, ReadingStore, TraceGone, reading_faults
from eeds.records.fields import NAME, Field
from eeds.records.record_type import RecordType
from eeds.records.refusals import Counts, Refusal

MAX_LENGTH = 255
MAX_NAMES = 100_000  # of traces of one load, which are held
NO_TRACE = -1


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


class TraceNames:
    """What names of traces mean to a principal: `traces` has the id of each that was looked up, or of those looked up
    last, why it has none."""

    def __init__(self, session: Session, principal: Principal) -> None:
        self.session = session
        self.principal = principal
        self.traces: dict[Name, int | Unknown] = {}

    def look_up(self, names: Sequence[Name]) -> None:
        """Find out what these names mean: two statements, and two more where traces have to be made."""
        self.traces = {name: trace for name, trace in self.traces.items() if not isinstance(trace, Unknown)}
        names = [name for name in names if name not in self.traces]
        if not names:
            return
        if len(self.traces) + len(names) > MAX_NAMES:
            raise BodyTooLarge(f"The body names more than {MAX_NAMES:,} traces; send it in parts.")
        named = projects_named(self.session, self.principal, {name.project_id for name in names})
        projects = {name: ids[0] for name, ids in named.items() if len(ids) == 1}
        for name in names:
            if name.project_id not in projects:
                reason = SEVERAL if name.project_id in named else NONE
                self.traces[name] = Unknown("project_id", reason.format(name.project_id))
        rest = [name for name in names if name.project_id in projects]
        missing = self.find(rest, projects)
        if missing:
            lock_names_in_projects(self.session, ConsumptionMetadata, {projects[name.project_id] for name in missing})
            self.make(self.find(missing, projects), projects)

    def find(self, names: Sequence[Name], projects: dict[str, int]) -> list[Name]:
        """Note the traces that there are; gives the names of those that there are not."""
        trace = ConsumptionMetadata
        columns = trace.id, trace.project_id, trace.interpretation, trace.label, trace.unit
        ids = {projects[name.project_id] for name in names}
        stored: dict[tuple[Any, ...], list[Any]] = {}
        for row in self.session.execute(select(*columns).where(among(trace.project_id, ids))):
            stored.setdefault((row.project_id, row.interpretation, row.label), []).append(row)
        missing = []
        for name in names:
            traces = stored.get((projects[name.project_id], name.interpretation, name.label), [])
            if traces:
                self.traces[name] = meaning_of(name, traces)
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
        values = [{**name._asdict(), "project_id": projects[name.project_id]} for name in first.values()]
        self.session.execute(insert(ConsumptionMetadata), values)
        self.find(names, projects)


class NamedReadingStore:
    """Where readings go that name their traces: to those traces, and on as any others."""

    def __init__(self, session: Session, principal: Principal, *, optimistic: bool) -> None:
        self.readings = ReadingStore(session, principal, optimistic=optimistic)
        self.names = TraceNames(session, principal)

    def split(self, batch: Batch) -> tuple[Batch, Sequence[Refusal]]:
        """The readings whose names mean a trace, with its id in place of its name; the refusals of the others. Raises
        TraceGone."""
        if not batch.rows:
            return batch, []
        names = [Name(*name) for name in batch.names]
        self.names.look_up(names)
        meanings = [self.names.traces[name] for name in names]
        numbers = batch.columns["name"]
        ids = np.array([NO_TRACE if isinstance(each, Unknown) else each for each in meanings], np.int64)[numbers]
        refusals = []
        for position in np.flatnonzero(ids == NO_TRACE).tolist():
            reason, name = meanings[numbers[position]], names[numbers[position]]
            assert isinstance(reason, Unknown)
            refusals.append(batch.refusal(position, reason.field, reason.message, **name._asdict()))
        columns = {"metadata_id": ids, **{name: column for name, column in batch.columns.items() if name != "name"}}
        identified = replace(batch, columns=columns)
        if refusals:
            identified = identified.part(ids != NO_TRACE)
        if self.readings.split(identified)[1]:
            raise TraceGone
        return identified, refusals

    def add(self, batch: Batch) -> None:
        """Copy readings with the ids of their traces."""
        self.readings.add(batch)

    def finish(self) -> Counts:
        """Store what was taken."""
        return self.readings.finish()


def meaning_of(name: Name, traces: Sequence[Any]) -> int | Unknown:
    """The trace that a name means, of those that bear it."""
    if len(traces) > 1:
        return Unknown("label", "Several traces have this project_id, interpretation and label; send metadata_id.")
    if traces[0].unit != name.unit:
        return Unknown("unit", f"The trace has the unit {traces[0].unit}.")
    return int(traces[0].id)


def read_text(sent: Any) -> str:
    """A text, not too long, without the guard that it has where refused rows come back."""
    text = unguarded(str(sent).strip())
    if not text:
        raise ValueError(BLANK)
    if len(text) > MAX_LENGTH:
        raise ValueError(f"Ensure this field has no more than {MAX_LENGTH} characters.")
    return checked_text(text)


def read_choice(sent: Any, *, words: Mapping[str, str]) -> str:
    """What one of a few words means, in capitals or not."""
    word = str(sent).strip()
    if word.lower() not in words:
        raise ValueError(f'"{word}" is not a valid choice.')
    return words[word.lower()]


# What people call what a building is supplied with, the types of meters of ENERGY STAR Portfolio Manager among it.
# Residual fuel oils are not: a gallon of them has another heat than the No. 2 whose heat content is taken.
FUEL_WORDS = {
    "E_C_S": ("electricity", "electric", "electric - grid"),
    "NG_C_S": ("natural_gas", "natural gas", "gas"),
    "FO_C_S": (
        "fuel_oil",
        "fuel oil",
        "oil",
        "heating oil",
        "diesel",
        "fuel oil no. 2",
        "fuel oil (no. 2)",
        "fuel oil (no 2)",
    ),
    "P_C_S": ("propane", "propane gas", "liquid propane"),
    "S_C_S": ("steam", "district_steam", "district steam"),
    "CW_C_S": (
        *("chilled_water", "chilled water", "district_chilled_water", "district chilled water"),
        *(f"district chilled water - {chiller}" for chiller in ("electric", "absorption", "engine", "other")),
    ),
}
FUELS = {word: code for code, words in FUEL_WORDS.items() for word in words} | {
    code.lower(): code for code in INTERPRETATIONS
}
UNIT_WORDS = {"therm": "THM", "therms": "THM"} | {unit.lower(): unit for unit in UNITS}
NO_CHOICE = "is not a valid choice"
FUEL_ADVICE = f"It is {', '.join(words[0] for words in FUEL_WORDS.values())} or one of {', '.join(INTERPRETATIONS)}."

NAMED = RecordType(
    "consumption_records",
    "records",
    {
        "project_id": Field(read_text, NAME, advice={"There is no project": "Load it with: eeds upload projects"}),
        "interpretation": Field(
            partial(read_choice, words=FUELS),
            NAME,
            column_names=("interpretation", "fuel"),
            # without a label the meters of one fuel would become one trace unnoticed
            demands=("fuel", "label"),
            advice={NO_CHOICE: FUEL_ADVICE},
        ),
        "label": Field(
            read_text,
            NAME,
            nullable=True,
            default=None,
            column_names=("trace_id", "label"),
            never_empty_as="trace_id",
        ),
        "unit": Field(partial(read_choice, words=UNIT_WORDS), NAME, advice={NO_CHOICE: "It is kWh or therm."}),
        **READING_FIELDS,
    },
    reading_faults,
)
