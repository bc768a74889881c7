"""Tables with a row for each reading."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eeds.errors import MalformedBody
from eeds.formats.number_columns import Numbers, read_numbers
from eeds.formats.units import unit_named
from eeds.records.files.columns import read_flags
from eeds.records.files.long_times import times_of
from eeds.records.files.options import FileOptions
from eeds.records.files.rows import column
from eeds.records.files.sources import Sources, sources_of
from eeds.records.files.taken import Rows, Source, Taken, Times
from eeds.records.files.wrong import Wrong

RETURNED = "E_OSG_U"


def take_long(rows: Rows, options: FileOptions) -> Taken:
    """The readings of a table. Raises MalformedBody for what is wrong with a whole column, or lacking in all rows."""
    sources = sources_of(rows, options)
    wrong = Wrong(rows)
    times, said = times_of(rows, options, sources.numbers, wrong)
    flags, wrong_flags = read_flags(column(rows, "estimated") or [""] * len(rows.places))
    wrong.note("estimated", wrong_flags)
    parts = [
        part_of(rows, options, sources, times, flags, wrong.copy(), name)
        for name in ("value", "returned")
        if name in rows.header.places and (name == "value" or says_anything(rows, name))
    ]
    taken = joined(parts) if len(parts) > 1 else parts[0]
    return replace(
        taken,
        said={**parts[0].said, **said},
        notes=sources.notes,
        faults=[*rows.faults, *sources.faults, *taken.faults],
    )


def says_anything(rows: Rows, name: str) -> bool:
    """Whether a column has anything but zeros: a house without a roof of its own gives nothing back."""
    return any(cell.strip("0.,") for cell in column(rows, name) or ())


def part_of(
    rows: Rows,
    options: FileOptions,
    sources: Sources,
    times: Times,
    flags: NDArray[np.bool_],
    wrong: Wrong,
    name: str,
) -> Taken:
    """The readings whose values are in one column."""
    texts = column(rows, name) or []
    numbers = numbers_of(rows, name, texts, options)
    wrong.note(name, numbers.wrong)
    names = named_units(sources.names, numbers, rows.header.units.get(name, ""))
    if name == "returned":
        unit = rows.header.units.get(name, "")
        names = [source._replace(interpretation=RETURNED, unit=unit or source.unit) for source in names]
    is_named = sources.numbers >= 0
    faults = list(wrong.faults(sources.numbers, numbers.values))
    good = is_named.copy()
    good[wrong.places] = False
    if name == "returned":
        good &= np.fromiter(map(bool, texts), bool, len(rows))
    places = np.array(rows.places, np.int32)
    count = len(places)
    value_place = np.full(count, rows.header.places[name], np.int32)
    taken = Taken(places, value_place, sources.numbers, names, times, numbers.values, flags)
    return replace(taken.part(good), faults=faults, said={"decimal": numbers.decimal})


def joined(parts: Sequence[Taken]) -> Taken:
    """The readings of two columns of values, those of a row together."""
    first, second = parts
    rows = np.concatenate((first.rows, second.rows))
    order = np.argsort(rows, kind="stable")
    known = {(fault.row, fault.field) for fault in first.faults}
    return Taken(
        rows[order],
        np.concatenate((first.places, second.places))[order],
        np.concatenate((first.sources, second.sources + len(first.names)))[order],
        [*first.names, *second.names],
        first.times.beside(second.times, order),
        np.concatenate((first.values, second.values))[order],
        np.concatenate((first.estimated, second.estimated))[order],
        [*first.faults, *(fault for fault in second.faults if (fault.row, fault.field) not in known)],
    )


def numbers_of(rows: Rows, name: str, texts: Sequence[str], options: FileOptions) -> Numbers:
    """The values of a column; raises MalformedBody, with the name of the column."""
    try:
        return read_numbers(texts, options.decimal or None)
    except MalformedBody as error:
        raise MalformedBody(f"The column {rows.header.column_of(name)}: {error}") from error


def named_units(names: Sequence[Source], numbers: Numbers, in_head: str) -> list[Source]:
    """The sources, those that say no unit with the one behind their values. Raises MalformedBody for several."""
    known = [unit for unit in numbers.units if unit_named(unit)]
    if len({unit_named(unit) for unit in known}) > 1:
        raise MalformedBody(f"The values have several units: {', '.join(known)}. Put them into a column unit.")
    unit = known[0] if known else in_head
    other = next((source.unit for source in names if known and source.unit and not same(source.unit, unit)), None)
    if other:
        raise MalformedBody(f"The values are in {unit} by what stands behind them, and in {other} by the table.")
    return [source if source.unit else source._replace(unit=unit) for source in names]


def same(unit: str, other: str) -> bool:
    """Whether two words mean the same unit."""
    return unit_named(unit) == unit_named(other)
