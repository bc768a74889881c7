"""Loading a file that a browser has sent, by the operations that the API calls too."""

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO

from eeds.accounts.project_names import project_named
from eeds.errors import EedsError, Invalid, MalformedBody
from eeds.formats.media_types import type_of_table
from eeds.formats.messages import about_cell, about_reading, about_repair, about_skipped, about_table
from eeds.formats.spool import spool
from eeds.formats.units import parse_heating_value
from eeds.portal.outcomes import LISTED_TRACES, Outcome, TraceOutcome
from eeds.projects.upload import ProjectUpload, upload_projects
from eeds.projects.upload_rows import TableRefused
from eeds.records.greenbutton.load import LoadedTrace, load_green_button
from eeds.records.greenbutton.refused_body import BodyRefused, Skipped
from eeds.records.history.finished import NORMALS, PROJECTS, finish
from eeds.records.operations import LoadOptions
from eeds.records.refusals import Counts
from eeds.records.refused_rows import Refusals
from eeds.records.temperature_files import load_temperatures
from eeds.records.temperatures import TEMPERATURES
from eeds.weather.operations import MAX_NORMALS_BYTES, load_normal_year
from eeds.web.context import principal, session, settings
from eeds.web.metrics import count_records
from eeds.web.requests import load_limits

LISTED = 20
# What a page can carry of the refused rows.
SHOWN_BYTES = 1_000_000


@dataclass
class SentFile:
    """A file that a browser has sent, and what the form says of it. `columns` are those that somebody has chosen, by
    field."""

    kind: str
    name: str
    file: IO[bytes]
    form: Mapping[str, str]
    columns: Mapping[str, str]
    dry_run: bool

    def __post_init__(self) -> None:
        self.watch(self.file)
        self.size = self.body_size

    def said(self, field: str) -> str:
        """What was sent in a field of the form."""
        return self.form.get(field, "")

    def watch(self, body: IO[bytes]) -> None:
        """From now on this is what is read, from its beginning: the file, or what it unpacks to."""
        self.body_size = body.seek(0, 2)
        body.seek(0)
        self.body = body

    def bytes_read(self) -> int:
        """How much of the file has been read; by another thread, which goes on reading."""
        body, size = self.body, self.body_size
        place = size if body.closed else body.tell()
        return self.size * min(place, size) // max(size, 1)


@contextmanager
def table_body(sent: SentFile) -> Iterator[tuple[str, IO[bytes]]]:
    """The media type of a file of a table, and its unpacked bytes. Raises EedsError about the file, for what is found
    wrong with the table meanwhile too."""
    media_type, encoding = type_of_table(sent.file)
    try:
        with spool(sent.file, encoding, settings().max_upload_mb * 2**20, settings().limits.unpack_ratio) as body:
            sent.watch(body)
            yield media_type, body
    except MalformedBody as error:
        raise EedsError(about_table(sent.name, str(error))) from error


def load_projects(sent: SentFile) -> Outcome:
    """Store all projects of a file, or none if one is wrong; raises EedsError."""
    try:
        with table_body(sent) as (media_type, body):
            owner = principal().owner_id
            uploaded = upload_projects(session(), principal(), media_type, body, owner=owner, dry_run=sent.dry_run)
    except TableRefused as error:
        problems = [about_cell(each.line, each.field, each.value, each.message) for each in error.problems[:LISTED]]
        return Outcome(refused=len(error.problems), problems=problems)
    finish(session(), principal(), PROJECTS, Counts(**uploaded.projects))
    counts = {"projects": uploaded.projects, "values of attributes": uploaded.attributes}
    some = {noun: {what: number for what, number in each.items() if number} for noun, each in counts.items()}
    new = [f"new attribute {name} ({data_type})" for name, data_type in uploaded.new_attributes.items()]
    changes = [f"{each.project_id}: {each.field} {each.before} → {each.after}" for each in uploaded.changes]
    notes = [*new, *ignored_note(uploaded.ignored_columns), *changes, *repair_notes(uploaded)]
    return Outcome({noun: each for noun, each in some.items() if each}, notes=notes)


def repair_notes(uploaded: ProjectUpload) -> Iterator[str]:
    """What of a table of projects was read as something else than it says, and what is of no use as it is."""
    for repair in uploaded.repairs[:LISTED]:
        yield about_repair(repair.line, repair.field, repair.before, repair.after)
    for warning in uploaded.warnings[:LISTED]:
        yield about_cell(warning.line, warning.field, warning.value, warning.message)
    for count, what in (uploaded.repair_count, "cells were read so"), (uploaded.warning_count, "warnings of this kind"):
        if count > LISTED:
            yield f"... and {count - LISTED} more {what}"


def ignored_note(columns: Sequence[str]) -> list[str]:
    """A line about the columns that nothing is made of, if there are some."""
    return [f"Columns that are not used: {', '.join(columns)}"] if columns else []


def load_weather(sent: SentFile) -> Outcome:
    """Store the good temperatures of a file, or only check them; the others come back. The form names their station
    where the file does not. Raises EedsError."""
    with table_body(sent) as (media_type, body), tempfile.TemporaryFile() as refused:
        options = LoadOptions(load_limits(), partial=True, dry_run=sent.dry_run, refused=refused)
        with about_station():
            loaded = load_temperatures(session(), principal(), media_type, body, sent.said("station") or None, options)
        refused.seek(0)
        rows, is_cut = first_rows(refused)
    if not sent.dry_run:
        count_records(TEMPERATURES.name, loaded.counts, loaded.refused)
    refused_rows = list(csv.reader(io.StringIO(rows.decode(), newline="")))[1 : LISTED + 1]
    reasons = [f"line {row[0]}: {row[-1]}" for row in refused_rows]
    counts = {TEMPERATURES.noun: asdict(loaded.counts)}
    notes = [*ignored_note(loaded.ignored_columns), *loaded.notes]
    return Outcome(counts, loaded.refused.records, reasons, rows, is_cut, notes)


def load_normals(sent: SentFile) -> Outcome:
    """Store the normal year in a file, or only check it, of the station that the form or the file names. Raises
    EedsError."""
    _, encoding = type_of_table(sent.file)
    with spool(sent.file, encoding, MAX_NORMALS_BYTES) as body, about_station():
        text = body.read().decode("utf-8", "replace")  # names of places may be in any encoding, figures are not
        stored = load_normal_year(session(), principal(), text, sent.said("station") or None)
    finish(session(), principal(), NORMALS, Counts(**{stored["status"]: 1}))
    if sent.dry_run:
        session().rollback()
    year = f"{stored['kind']} year of station {stored['station']}"
    return Outcome({year: {stored["status"]: 1}}, notes=stored.get("notes", ()))


@contextmanager
def about_station() -> Iterator[None]:
    """Says what is wrong with a file of temperatures in the page's words; raises EedsError."""
    try:
        yield
    except Invalid as error:
        texts = error.messages.values() if isinstance(error.messages, Mapping) else [[str(error)]]
        raise EedsError("\n".join(text for each in texts for text in each)) from error


def first_rows(file: IO[bytes]) -> tuple[bytes, bool]:
    """As many of the lines of a file as a page can carry, and whether there are more."""
    start = file.read(SHOWN_BYTES + 1)
    if len(start) <= SHOWN_BYTES:
        return start, False
    return start[: start.rindex(b"\n") + 1], True


def load_usage(sent: SentFile) -> Outcome:
    """Store the good readings of a Green Button file in a project that has to be named, or only check them. Volumes of
    gas need its heating value. Raises EedsError."""
    project, heating_value = sent.said("project"), sent.said("heating_value")
    if not project:
        raise EedsError("Say which project the readings are of.")
    limit = settings().max_upload_mb * 2**20
    try:
        value = parse_heating_value(heating_value) if heating_value else None
        options = LoadOptions(load_limits(), partial=True, dry_run=sent.dry_run, heating_value=value)
        id = project_named(session(), principal(), project)
        loaded = load_green_button(session(), principal(), id, sent.file, limit, options)
    except ValueError as error:
        raise EedsError(str(error)) from error
    except Invalid as error:
        messages = error.messages if isinstance(error.messages, Mapping) else {}
        raise EedsError(" ".join(text for texts in messages.values() for text in texts)) from error
    except BodyRefused as error:
        reasons = [*usage_reasons(error.refused), *usage_notes(error.skipped)]
        raise EedsError("\n".join([str(error), *reasons])) from error
    if not sent.dry_run:
        count_records("consumption_records", loaded.counts, loaded.refused)
    counts = {name_of(each): asdict(each.counts) for each in loaded.traces[:LISTED_TRACES]}
    if rest := loaded.traces[LISTED_TRACES:]:
        counts["the other traces"] = asdict(sum((each.counts for each in rest), Counts()))
    traces = [TraceOutcome(name_of(each), each.stored.unit, each.balance, each.changes) for each in loaded.traces]
    reasons = usage_reasons(loaded.refused)
    return Outcome(counts, loaded.refused.records, reasons, notes=usage_notes(loaded.skipped), traces=traces)


def name_of(loaded: LoadedTrace) -> str:
    """What to call a trace of a Green Button file."""
    return f"{loaded.trace.interpretation} of {loaded.stored.label or 'a meter without a name'}"


def usage_reasons(refused: Refusals) -> list[str]:
    """What is wrong with the first of refused readings, each with the place where it stands."""
    return [about_reading(vars(refusal)) for refusal in refused.listed]


def usage_notes(skipped: Sequence[Skipped]) -> list[str]:
    """What of a file is nothing that can be stored, and why."""
    return [about_skipped(each._asdict()) for each in skipped[:LISTED]]
