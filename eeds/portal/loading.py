"""Loading a file that somebody has sent, by the same steps as `eeds upload`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from eeds.cli.record_upload import RecordUpload
from eeds.cli.upload import layout
from eeds.client import Client
from eeds.client.green_button import name_of, refusals, send_green_button, skipped
from eeds.client.record_columns import energy_kind, weather_kind
from eeds.errors import EedsError, MalformedBody
from eeds.formats.media_types import type_of_table
from eeds.formats.messages import about_table
from eeds.formats.spool import spool
from eeds.portal.upload_kinds import ENERGY, GREEN_BUTTON, PROJECT
from eeds.projects.upload import upload_projects
from eeds.projects.upload_rows import Problem, TableRefused
from eeds.web.context import principal, session, settings

# What a page can carry of the refused rows.
SHOWN_BYTES = 1_000_000
LISTED = 20
BEGIN_BYTES = 8  # by which the kind of a file is known
OUTCOMES = ("created", "updated", "unchanged", "duplicates")


class EndedEarly(EedsError):
    """A load ended, for no fault of the file, when some of it may have been stored."""


@dataclass
class Outcome:
    """What became of a file: counts by noun, what was refused in words, and the refused rows as CSV."""

    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    refused: int = 0
    problems: Sequence[str] = ()
    refused_rows: bytes = b""
    is_cut: bool = False  # there are more refused rows
    notes: Sequence[str] = ()


def load(client: Client, kind: str, path: Path, *, project: str, owner: int, dry_run: bool) -> Outcome:
    """Store what is good of a file, or only check it; raises EedsError with why nothing of it can be."""
    if kind == PROJECT:
        return load_projects(path, owner, dry_run=dry_run)
    if kind == GREEN_BUTTON:
        return load_green_button(client, path, project, dry_run=dry_run)
    return load_records(client, path, kind, dry_run=dry_run)


def load_projects(path: Path, owner: int, *, dry_run: bool) -> Outcome:
    """All projects of a file, or none if one is wrong."""
    with path.open("rb") as file:
        media_type, encoding = type_of_table(file.read(BEGIN_BYTES))
        file.seek(0)
        try:
            with spool(file, encoding, settings().max_upload_mb * 2**20) as body:
                uploaded = upload_projects(session(), principal(), media_type, body, owner=owner, dry_run=dry_run)
        except TableRefused as error:
            return Outcome(refused=len(error.problems), problems=[*map(describe_problem, error.problems[:LISTED])])
        except MalformedBody as error:
            raise EedsError(about_table(str(path), str(error))) from error
    counts = {"projects": uploaded.projects, "values of attributes": uploaded.attributes}
    some = {noun: {what: number for what, number in each.items() if number} for noun, each in counts.items()}
    new = [f"new attribute {name} ({data_type})" for name, data_type in uploaded.new_attributes.items()]
    ignored = [f"ignored: {', '.join(uploaded.ignored_columns)}"] if uploaded.ignored_columns else []
    changes = [f"{each.project_id}: {each.field} {each.before} → {each.after}" for each in uploaded.changes]
    return Outcome({noun: each for noun, each in some.items() if each}, notes=[*new, *ignored, *changes])


def describe_problem(problem: Problem) -> str:
    """What is wrong with a row, in a line."""
    place = f", column {problem.field}, {problem.value!r}" if problem.field else ""
    return f"line {problem.line}{place}: {problem.message}"


def load_records(client: Client, path: Path, kind: str, *, dry_run: bool) -> Outcome:
    """The good records of a file; the others come back."""
    table = layout(path, energy_kind if kind == ENERGY else weather_kind)
    for _ in table.file.pieces():
        pass  # a file that is damaged further on is refused before any of it is stored
    upload = RecordUpload(client, table, dry_run=dry_run)
    if dry_run:
        upload.run()
    else:
        with storing():
            upload.run()
    refused, complaints = upload.refused, upload.refused.complaints
    rows, is_cut = first_rows(refused.path) if refused.count else (b"", False)
    counts = {name: upload.counts[name] for name in OUTCOMES}
    return Outcome({upload.kind.noun: counts}, refused.count, complaints.listed, rows, is_cut)


@contextmanager
def storing() -> Iterator[None]:
    """Tells failures from here on from those that leave nothing stored; raises EndedEarly."""
    try:
        yield
    except EedsError as error:
        raise EndedEarly(str(error)) from error


def first_rows(path: Path) -> tuple[bytes, bool]:
    """As many of the lines of a file as a page can carry, and whether there are more."""
    with path.open("rb") as file:
        start = file.read(SHOWN_BYTES + 1)
    if len(start) <= SHOWN_BYTES:
        return start, False
    return start[: start.rindex(b"\n") + 1], True


def load_green_button(client: Client, path: Path, project: str, *, dry_run: bool) -> Outcome:
    """The good readings of a file, into a project that has to be named."""
    if not project:
        raise EedsError("Say which project the readings are of.")
    report = send_green_button(client, path, project, dry_run=dry_run, partial=True)
    counts = {name_of(trace): {name: trace[name] for name in OUTCOMES} for trace in report["traces"]}
    return Outcome(counts, report["refused"], [*refusals(report)], notes=[*skipped(report)])
