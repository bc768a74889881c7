"""Loading a file that a browser has sent, by the operations that the API calls too."""

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from sqlalchemy.orm import Session

from eeds.accounts.users import Principal
from eeds.cli.csv_files import CsvFile
from eeds.client import Client
from eeds.client.project_columns import PROJECTS
from eeds.client.project_upload import ProjectUpload
from eeds.errors import EedsError, Invalid, MalformedBody
from eeds.formats.media_types import CSV, PARQUET
from eeds.formats.spool import spool
from eeds.portal.upload_kinds import GZIP, RECORD_TYPES
from eeds.portal.upload_kinds import PARQUET as PARQUET_MAGIC
from eeds.records.greenbutton.links import Skipped
from eeds.records.greenbutton.load import BodyRefused, find_project, load_green_button
from eeds.records.greenbutton.readings import ReadingRefusal
from eeds.records.operations import LoadOptions, load_records
from eeds.records.refusals import Refusals
from eeds.web.metrics import count_records

LISTED = 20
# What a page can carry of the refused rows.
SHOWN_BYTES = 1_000_000


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


def load_table(
    session: Session, principal: Principal, kind: str, name: str, file: IO[bytes], limit: int, *, dry_run: bool
) -> Outcome:
    """Store the good records of a file in CSV, packed or not, or Parquet, or only check them; the others come back.
    Raises EedsError with why nothing of it can be stored; `limit` is in bytes, unpacked."""
    start = file.read(len(PARQUET_MAGIC))
    file.seek(0)
    record_type = RECORD_TYPES[kind]
    media_type = PARQUET if start == PARQUET_MAGIC else CSV
    try:
        with (
            spool(file, "gzip" if start.startswith(GZIP) else "", limit) as body,
            tempfile.TemporaryFile() as refused,
        ):
            options = LoadOptions(partial=True, dry_run=dry_run, refused=refused)
            loaded = load_records(session, principal, record_type, media_type, body, options)
            refused.seek(0)
            rows, is_cut = first_rows(refused)
    except MalformedBody as error:
        text = str(error)
        is_of_table = text.startswith("The table ")
        raise EedsError(text.replace("The table", name, 1) if is_of_table else f"{name}: {text}") from error
    if not dry_run:
        count_records(record_type.name, loaded.counts, loaded.refused)
    ignored = [f"ignored columns: {', '.join(loaded.ignored_columns)}"] if loaded.ignored_columns else []
    count = loaded.refused.records
    return Outcome({record_type.noun: asdict(loaded.counts)}, count, first_reasons(rows), rows, is_cut, ignored)


def first_rows(file: IO[bytes]) -> tuple[bytes, bool]:
    """As many of the lines of a file as a page can carry, and whether there are more."""
    start = file.read(SHOWN_BYTES + 1)
    if len(start) <= SHOWN_BYTES:
        return start, False
    return start[: start.rindex(b"\n") + 1], True


def first_reasons(rows: bytes) -> list[str]:
    """What is wrong with the first of refused rows, each with its line."""
    refused = list(csv.reader(io.StringIO(rows.decode(), newline="")))[1 : LISTED + 1]
    return [f"line {row[0]}: {row[-1]}" for row in refused]


def load_usage(
    session: Session, principal: Principal, project: str, file: IO[bytes], limit: int, *, dry_run: bool
) -> Outcome:
    """Store the good readings of a Green Button file in a project that has to be named, or only check them. Raises
    EedsError with why nothing of it can be stored."""
    if not project:
        raise EedsError("Say which project the readings are of.")
    try:
        name = find_project(session, principal, None, project)
        loaded = load_green_button(session, principal, name, file, limit, LoadOptions(partial=True, dry_run=dry_run))
    except Invalid as error:
        messages = error.messages if isinstance(error.messages, Mapping) else {}
        raise EedsError(" ".join(text for texts in messages.values() for text in texts)) from error
    except BodyRefused as error:
        reasons = [*usage_reasons(error.refused), *usage_notes(error.skipped)]
        raise EedsError("\n".join([str(error), *reasons])) from error
    if not dry_run:
        count_records("consumption_records", loaded.counts, loaded.refused)
    counts = {
        f"{each.trace.interpretation} of {each.trace.label}, {each.trace.unit}": asdict(each.counts)
        for each in loaded.traces
    }
    return Outcome(counts, loaded.refused.records, usage_reasons(loaded.refused), notes=usage_notes(loaded.skipped))


def usage_reasons(refused: Refusals) -> list[str]:
    """What is wrong with the first of refused readings, each with the place where it stands."""
    reasons = []
    for refusal in refused.listed:
        assert isinstance(refusal, ReadingRefusal)
        value = "" if refusal.value is None else f", {refusal.value!r}"
        reasons.append(f"{place_of(refusal)}, {refusal.field}{value}: {refusal.message}")
    return reasons


def usage_notes(skipped: Sequence[Skipped]) -> list[str]:
    """What of a file is nothing that can be stored, and why."""
    return [f"{place_of(each)}: skipped {each.what}: {each.reason}" for each in skipped[:LISTED]]


def place_of(part: ReadingRefusal | Skipped) -> str:
    """Where something stands: in a zip, also in which file."""
    return f"{part.file}, line {part.line}" if part.file else f"line {part.line}"


def load_projects(client: Client, path: Path, owner: int, *, dry_run: bool) -> Outcome:
    """All projects of a file, or none if one is wrong."""
    table = CsvFile(path, PROJECTS)
    rows = list(table.rows("checking"))
    sending = ProjectUpload(client, rows, owner)
    table.complaints.add_all(sending.check())
    if not dry_run and not table.complaints.count:
        with storing():
            table.complaints.add_all(sending.send(hidden=True))
    counts = {"projects": sending.projects, "values of attributes": sending.attributes}
    new = [f"new attribute {key.name} ({key.data_type})" for key in sending.keys if key.is_new]
    return Outcome(
        {"projects": {"good": len(rows)}} if dry_run else counts,
        table.complaints.count,
        table.complaints.listed,
        notes=new,
    )


@contextmanager
def storing() -> Iterator[None]:
    """Tells failures from here on from those that leave nothing stored; raises EndedEarly."""
    try:
        yield
    except EedsError as error:
        raise EndedEarly(str(error)) from error
