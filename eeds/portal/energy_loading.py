"""Loading a file of readings that a browser has sent, with what the form says of it."""

import csv
import io
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from eeds.errors import EedsError, Invalid, texts_in
from eeds.formats.plan_messages import describe_plan
from eeds.portal.loading import LISTED, SentFile, first_rows, ignored_note, table_body
from eeds.portal.outcomes import Outcome, TraceOutcome
from eeds.records.files.load import load_file
from eeds.records.files.mappings import save_columns, saved_columns
from eeds.records.files.options import FileOptions
from eeds.records.files.plan import PLAIN, LoadedFile
from eeds.records.operations import LoadOptions
from eeds.web.context import principal, session
from eeds.web.metrics import count_records
from eeds.web.requests import load_limits

TEXTS = ("fuel", "unit", "trace_id", "timezone", "date_format", "decimal", "sheet", "heating_value")


def columns_chosen(chosen: Sequence[str], recognised: Sequence[str]) -> dict[str, str]:
    """The columns by field that somebody has chosen, each as FIELD=COLUMN, "" for a column that is not used; none where
    it is what was recognised. A field that was recognised, and is not chosen, has no column: ""."""
    pairs = [pair for pair in chosen if pair]
    if set(pairs) == set(recognised):
        return {}
    left_out = {pair.partition("=")[0]: "" for pair in recognised}
    return left_out | {field: head for field, _, head in (pair.partition("=") for pair in pairs)}


def load_energy(sent: SentFile) -> Outcome:
    """Store the good readings of a file, or only check them; the others come back. The form has what the file does not
    say, and may save the columns under a name. Raises EedsError."""
    try:
        with table_body(sent) as (_, body), tempfile.TemporaryFile() as refused:
            options = options_of(sent)
            how = LoadOptions(load_limits(), partial=True, dry_run=sent.dry_run, refused=refused)
            loaded = load_file(session(), principal(), body, options, how)
            refused.seek(0)
            rows, is_cut = first_rows(refused)
        if sent.said("save_map") and sent.columns and not sent.dry_run:
            save_columns(session(), principal(), sent.said("save_map"), sent.columns)
    except Invalid as error:
        raise EedsError(" ".join(texts_in(error.messages))) from error
    if not sent.dry_run:
        count_records("consumption_records", loaded.counts, loaded.refused)
    return outcome_of(loaded, rows, is_cut)


def options_of(sent: SentFile) -> FileOptions:
    """What the form says of the file; raises Invalid."""
    columns = sent.columns
    if sent.said("mapping") and not columns:
        columns = saved_columns(session(), principal(), sent.said("mapping"))
    texts: dict[str, Any] = {name: sent.said(name) for name in TEXTS}
    return FileOptions(project_id=sent.said("project"), columns=columns, **texts)


def outcome_of(loaded: LoadedFile, rows: bytes, is_cut: bool) -> Outcome:
    """What became of a file, for the page; `rows` are the refused ones."""
    traces = [
        TraceOutcome(
            f"{each.interpretation} of {each.label or 'a meter without a name'} in {each.project_id}",
            each.unit,
            each.balance,
            [change for change in loaded.changes if change.trace_id == each.id],
        )
        for each in loaded.traces
    ]
    plan = [*describe_plan(asdict(loaded.plan))] if loaded.plan.kind != PLAIN else []
    return Outcome(
        {"records": asdict(loaded.counts)},
        loaded.refused_readings,
        reasons_in(rows),
        rows,
        is_cut,
        [*plan, *ignored_note(loaded.ignored_columns)],
        traces,
    )


def reasons_in(rows: bytes) -> list[str]:
    """Why the first of the refused rows were refused, each with its line."""
    lines = csv.reader(io.StringIO(rows.decode(), newline=""))
    return [f"line {row[0]}: {row[-1]}" for row in lines if row[0].isdecimal()][:LISTED]
