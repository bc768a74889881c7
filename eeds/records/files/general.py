"""The general reader: any table that people have, held whole, recognised, and loaded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import IO

import numpy as np
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.errors import EedsError
from eeds.formats.grid import Grid, read_grid
from eeds.formats.text_columns import MOST_WRONG
from eeds.records.attempts import attempts
from eeds.records.files.accounts import Accounts
from eeds.records.files.duplicates import without_repeats
from eeds.records.files.grid_rows import GridTable
from eeds.records.files.header import find_header
from eeds.records.files.instants import place
from eeds.records.files.long_table import take_long
from eeds.records.files.nem import nem_version, take_nem
from eeds.records.files.options import FileOptions
from eeds.records.files.plan import LONG, WIDE, LoadedFile, Plan, columns_of
from eeds.records.files.rows import rows_below
from eeds.records.files.store import Ready, require_short, store_ready
from eeds.records.files.taken import NEVER, CellFault, Taken
from eeds.records.files.traces import Found, TraceOfFile, find_traces_of_file
from eeds.records.files.wide_table import take_wide
from eeds.records.files.wrong import TooManyWrong
from eeds.records.history.finished import ENERGY, finish
from eeds.records.operations import LoadOptions
from eeds.records.refused_rows import Refusals, Refused, write_refused_rows
from eeds.records.trace_names import Unknown

MAX_BYTES = 24 * 2**20
MAX_ROWS = 500_000
AT_ONCE = 5_000  # rows that are refused
TOO_LARGE = "The value is too large in the unit of the trace."


@dataclass(frozen=True)
class ReadFile:
    """A file as it was read: the table, its readings, and what it was taken for."""

    table: GridTable
    taken: Taken
    plan: Plan
    ignored: Sequence[str]


def read_file(body: IO[bytes], options: FileOptions) -> ReadFile:
    """Read a file. Raises MalformedBody, BodyTooLarge, Invalid for the options, and TooManyWrong."""
    body.seek(0)
    grid = read_grid(body, MAX_ROWS, MAX_BYTES, options.sheet or None)
    return read_table(grid, options)


def read_table(grid: Grid, options: FileOptions) -> ReadFile:
    """Recognise a table, and take its readings. Raises MalformedBody, Invalid, and TooManyWrong."""
    version = None if options.columns else nem_version(grid.rows)
    if version:
        try:
            taken = take_nem(grid.rows, options)
        except TooManyWrong as error:
            raise error.of(GridTable(grid, None)) from error
        return ReadFile(GridTable(grid, None), taken, Plan(version, notes=taken.notes), ())
    header = find_header(grid.rows, options.columns)
    try:
        rows = rows_below(header, grid)
        taken = take_wide(rows, options) if header.slots else take_long(rows, options)
    except TooManyWrong as error:
        raise error.of(GridTable(grid, header, cut_wrong(error.faults))) from error
    fixed = header.profile.fixed if header.profile else {}
    filled = {"project_id": options.project_id, "fuel": options.fuel, "unit": options.unit, "label": options.trace_id}
    said = {**fixed, **header.above, **{name: word for name, word in filled.items() if word}}
    plan = Plan(
        WIDE if header.slots else LONG,
        header.profile.name if header.profile else None,
        grid.lines[header.row],
        columns_of(header),
        {name: word for name, word in said.items() if name not in header.places},
        taken.said.get("date_format"),
        taken.said.get("decimal"),
        ends=taken.said.get("ends"),
        skipped_lines=[grid.lines[row] for row in rows.skipped],
        notes=taken.notes,
    )
    return ReadFile(GridTable(grid, header, cut_wrong(rows.faults)), taken, plan, header.ignored)


def cut_wrong(faults: Sequence[CellFault]) -> frozenset[int]:
    """The rows that are at fault as a whole: they have too few or too many cells."""
    return frozenset(fault.row for fault in faults if fault.field is None)


def load_general(
    session: Session, principal: Principal, body: IO[bytes], options: FileOptions, how: LoadOptions
) -> LoadedFile:
    """Store the readings of any file in the session's transaction, or roll it back. Raises MalformedBody, BodyTooLarge,
    Invalid, and Refused where a reading is bad and the load not `partial`."""
    try:
        file = read_file(body, options)
        for attempt in attempts(session):
            with attempt:
                loaded = load_read(session, principal, file, options, how, optimistic=attempt.optimistic)
    except TooManyWrong as error:
        session.rollback()
        raise read_no_further(error, how) from error
    except EedsError:
        session.rollback()
        raise
    if how.dry_run:
        session.rollback()
    return loaded


def load_read(
    session: Session,
    principal: Principal,
    file: ReadFile,
    options: FileOptions,
    how: LoadOptions,
    *,
    optimistic: bool,
) -> LoadedFile:
    """Store the readings of a file that has been read; raises Refused, TooManyWrong and TraceTooLong."""
    if file.taken.times.have_ends:
        require_short(int(np.bincount(file.taken.sources).max()))
    found = find_traces_of_file(session, principal, file.taken.names, options.zone, options.heat)
    try:
        accounts = Accounts(file.taken, found, file.table.grid.lines, min(how.limits.refused_rows, MOST_WRONG))
        ready = ready_readings(file.taken, found, options, accounts)
        ready = without_repeats(ready, file.taken, file.table, accounts)
        may_store = how.partial or not accounts.faults
        stored = store_ready(session, principal, ready, accounts, optimistic=optimistic) if may_store else None
    except TooManyWrong as error:
        raise error.of(file.table) from error
    refused = refusals_of(file.table, accounts.faults, how)
    if accounts.faults and not how.partial:
        raise Refused(refused, accounts.received, file.ignored)
    assert stored is not None
    counts = replace(stored.counts, duplicates=stored.counts.duplicates + accounts.repeated)
    finish(session, principal, ENERGY, counts, refused=accounts.refused)
    plan = replace(file.plan, timezones=zones_said(found, options, file.taken), units=units_said(file.taken, found))
    return LoadedFile(
        plan,
        counts,
        accounts.traces(),
        accounts.received,
        accounts.refused,
        refused,
        stored.changes,
        file.ignored,
    )


def ready_readings(taken: Taken, found: Sequence[Found], options: FileOptions, accounts: Accounts) -> Ready:
    """The readings that can be stored, in the units of their traces; what cannot is refused."""
    unknown = np.array([isinstance(each, Unknown) for each in found], bool)
    of_unknown = unknown[taken.sources] if len(found) else np.zeros(0, bool)
    for at in np.flatnonzero(of_unknown).tolist():
        reason = found[taken.sources[at]]
        assert isinstance(reason, Unknown)
        accounts.refuse(at, "fuel" if reason.field == "interpretation" else reason.field, reason.message)
    zones = [each.zone if isinstance(each, TraceOfFile) else options.zone for each in found]
    placed = place(taken, zones)
    for at, (field, message) in sorted(placed.wrong.items()):
        if not of_unknown[at] and not np.isinf(accounts.values[at]):
            accounts.refuse(at, field, message)
    too_large = np.isinf(accounts.values)
    for at in np.flatnonzero(too_large & ~of_unknown).tolist():
        accounts.refuse(at, "value", TOO_LARGE)
    accounts.leave_out(placed.nothing)
    good = ~of_unknown & ~placed.nothing & ~too_large
    good[[*placed.wrong]] = False
    part = slice(None) if good.all() else good  # all of them without a copy
    ids = np.array([each.id if isinstance(each, TraceOfFile) else -1 for each in found], np.int64)
    return Ready(
        np.flatnonzero(good),
        ids[taken.sources[part]] if len(found) else np.zeros(0, np.int64),
        placed.starts[part],
        placed.ends[part] if taken.times.have_ends else np.full(int(good.sum()), NEVER),
        accounts.values[part],
        taken.estimated[part],
    )


def refusals_of(table: GridTable, faults: Sequence[CellFault], how: LoadOptions) -> Refusals:
    """What was refused, listed and written to the file for it: below the lines above the header, which the reader of
    that file needs as well. The faults of the same row are refused together."""
    refused = Refusals((), table, how.refused)
    if how.refused:
        how.refused.truncate(how.refused.seek(0))
        if faults and table.found:
            above = [("", cells, ()) for cells in table.grid.rows[: table.found.row]]
            write_refused_rows(how.refused, (), above)
    by_row = (list(of_row) for _, of_row in groupby(sorted(faults, key=attrgetter("row")), attrgetter("row")))
    while some := list(chain.from_iterable(islice(by_row, AT_ONCE))):
        refused.add(map(table.refusal, some), table)
    return refused


def read_no_further(error: TooManyWrong, how: LoadOptions) -> Refused:
    """The refusal of a file of which too much is wrong to read it to its end."""
    assert error.table is not None, "whoever reads a table says which one"
    last = max(fault.row for fault in error.faults) - error.table.first
    ignored = error.table.found.ignored if error.table.found else ()
    return Refused(refusals_of(error.table, error.faults, how), last + 1, ignored, are_more=True)


def zones_said(found: Sequence[Found], options: FileOptions, taken: Taken) -> dict[str, str]:
    """Which zone was used, by project; nothing where every time had an offset."""
    if taken.times.is_instant.all():
        return {}
    return {
        each.project_id: options.timezone or each.zone_name
        for each in found
        if isinstance(each, TraceOfFile) and (options.timezone or each.zone_name)
    }


def units_said(taken: Taken, found: Sequence[Found]) -> list[str]:
    """What units became of others."""
    return list(
        dict.fromkeys(
            f"{source.unit} × {each.factor:g} = {each.unit}"
            for source, each in zip(taken.names, found, strict=True)
            if isinstance(each, TraceOfFile) and each.factor != 1
        )
    )
