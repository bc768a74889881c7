"""NEM12 and NEM13: the files in which the meter data of the Australian electricity market are exchanged.

Source: AEMO, Meter Data File Format Specification NEM12 & NEM13. Its times are in Australian Eastern Standard Time,
which is UTC+10 all year, whatever the place of the meter.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from eeds.errors import MalformedBody
from eeds.formats.number_columns import read_numbers
from eeds.formats.units import unit_named
from eeds.formats.values import parse_int
from eeds.records.files.options import FileOptions
from eeds.records.files.taken import CellFault, Source, Taken, Times, require_few_readings
from eeds.records.files.wrong import require_few_faults

NEM12, NEM13 = "NEM12", "NEM13"
DAY, MINUTE = 86_400, 60
INTERVALS = (5, 15, 30)
# The first letter of a quality: actual, estimated, final substituted, null, substituted, of several in the day
MISSING_QUALITY = "N"
QUALITIES = {"A": False, "E": True, "F": True, "S": True, "N": False, "V": False}
# By the first letter of a register's suffix: what is used, and what is given back. Q and K are reactive energy.
DIRECTIONS = {"E": "E_C_S", "B": "E_OSG_U"}
# The same of NEM13's DirectionIndicator, which speaks of the grid: export to the meter, import from it.
ACCUMULATED = {"E": "E_C_S", "I": "E_OSG_U"}
NO_NEM12 = "A record of NEM12 begins with 100, 200, 300, 400, 500 or 900."
NO_NEM13 = "A record of NEM13 begins with 100, 250, 550 or 900."
NO_REGISTER = "A 200 record has a NMI, and intervals of 5, 15 or 30 minutes."
NO_READS = "A 250 record has the times of two reads, as 20220131000000, one behind the other."
NO_PROJECT = "A NEM file does not say which project it is of; give the option project_id."


def nem_version(rows: Sequence[Sequence[str]]) -> str | None:
    """Whether a file is NEM12 or NEM13; None if it is neither. Files are met that lack the header record."""
    first = rows[0] if rows else ()
    if len(first) > 1 and first[0] == "100":
        return first[1].upper() if first[1].upper() in (NEM12, NEM13) else None
    if len(first) >= 9 and first[0] == "200" and parse_int(first[8]) in INTERVALS:
        return NEM12
    return NEM13 if len(first) >= 20 and first[0] == "250" and unit_named(first[19]) else None


@dataclass
class Gathered:
    """The readings gathered so far, an array for each of their parts, and what is none."""

    source: "array[int]" = field(default_factory=lambda: array("i"))
    row: "array[int]" = field(default_factory=lambda: array("i"))
    place: "array[int]" = field(default_factory=lambda: array("i"))
    start: "array[int]" = field(default_factory=lambda: array("q"))
    end: "array[int]" = field(default_factory=lambda: array("q"))
    text: list[str] = field(default_factory=list)
    estimated: "array[int]" = field(default_factory=lambda: array("b"))
    missing: "array[int]" = field(default_factory=lambda: array("b"))
    names: dict[Source, int] = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)
    skipped: dict[str, None] = field(default_factory=dict)

    def fault(self, row: int, name: str, cell: str, message: str) -> None:
        """Note what is wrong with a record. Raises TooManyWrong."""
        self.faults.append(CellFault(row, name, cell, message))
        require_few_faults(self.faults)


@dataclass
class Register:
    """A data stream of a NEM12 file: where its readings go, and how many minutes its intervals have."""

    source: int
    minutes: int


def take_nem(rows: Sequence[Sequence[str]], options: FileOptions) -> Taken:
    """The readings of a NEM12 or NEM13 file; raises MalformedBody where it is not known whose they are."""
    if not options.project_id:
        raise MalformedBody(NO_PROJECT)
    gathered = Gathered()
    if nem_version(rows) == NEM12:
        gather_intervals(gathered, rows, options)
    else:
        gather_reads(gathered, rows, options)
    numbers = read_numbers(gathered.text, ".")
    for place, message in numbers.wrong.items():
        gathered.fault(gathered.row[place], "value", gathered.text[place], message)
    good = np.ones(len(gathered.text), bool)
    good[[*numbers.wrong]] = False
    starts, ends = (np.array(each, np.int64) for each in (gathered.start, gathered.end))
    count, nothing = len(starts), np.zeros(len(starts), np.int64)
    taken = Taken(
        np.array(gathered.row, np.int32),
        np.array(gathered.place, np.int32),
        np.array(gathered.source, np.int32),
        list(gathered.names),
        Times(starts, np.ones(count, bool), nothing, ends, np.ones(count, bool), nothing),
        np.where(gathered.missing, np.nan, numbers.values),
        np.array(gathered.estimated, bool),
    ).part(good)
    return Taken(**{**vars(taken), "faults": gathered.faults, "notes": list(gathered.skipped)})


def gather_intervals(gathered: Gathered, rows: Sequence[Sequence[str]], options: FileOptions) -> None:
    """The readings of the 300 records below each 200 record; a 400 record says the quality of a part of a day."""
    register: Register | None = None
    first_of_day = 0
    for place, cells in enumerate(rows):
        kind = cells[0] if cells else ""
        if kind == "200":
            register = register_of(gathered, place, cells, options)
        elif kind == "300" and register:
            first_of_day = len(gathered.text)
            gather_day(gathered, place, cells, register)
        elif kind == "400" and register:
            apply_quality(gathered, place, cells, first_of_day)
        elif kind not in ("100", "300", "400", "500", "900"):
            gathered.fault(place, "record", kind, NO_NEM12)


def register_of(gathered: Gathered, place: int, cells: Sequence[str], options: FileOptions) -> Register | None:
    """The register of a 200 record: NMI, configuration, register, suffix, data stream, serial number, unit, minutes."""
    nmi, suffix, unit, minutes = (cells[at] if at < len(cells) else "" for at in (1, 4, 7, 8))
    length = parse_int(minutes)
    if not nmi or length not in INTERVALS:
        gathered.fault(place, "IntervalLength", minutes, NO_REGISTER)
        return None
    source = source_of(gathered, nmi, suffix, unit, DIRECTIONS.get(suffix[:1].upper()), options)
    return None if source is None else Register(source, length)


def source_of(
    gathered: Gathered, nmi: str, suffix: str, unit: str, interpretation: str | None, options: FileOptions
) -> int | None:
    """The position of the source of a register; None, with a note, for one that does not count energy."""
    if interpretation is None or unit_named(unit) is None:
        what = f"{nmi}/{suffix} is skipped: it has {unit or 'no unit'}, which is no energy used or given back."
        gathered.skipped[what] = None
        return None
    source = Source(None, options.project_id, interpretation, f"{nmi}/{suffix}" if suffix else nmi, unit)
    return gathered.names.setdefault(source, len(gathered.names))


def gather_day(gathered: Gathered, place: int, cells: Sequence[str], register: Register) -> None:
    """The readings of a 300 record: a day, its values, their quality."""
    day, count = day_of(cells[1] if len(cells) > 1 else ""), DAY // MINUTE // register.minutes
    if day is None:
        gathered.fault(place, "IntervalDate", cells[1] if len(cells) > 1 else "", "A day is written as 20220131.")
        return
    if len(cells) < count + 2:
        gathered.fault(place, "IntervalValue", "", f"A day has {count} values; this one has {len(cells) - 2}.")
        return
    quality = (cells[2 + count] if len(cells) > 2 + count else "A")[:1].upper() or "A"
    if quality not in QUALITIES:
        gathered.fault(place, "QualityMethod", cells[2 + count], "A quality begins with A, E, F, N, S or V.")
        return
    seconds = register.minutes * MINUTE
    require_few_readings(len(gathered.text) + count)
    gathered.source.extend([register.source] * count)
    gathered.row.extend([place] * count)
    gathered.place.extend(range(2, 2 + count))
    gathered.start.extend(range(day, day + DAY, seconds))
    gathered.end.extend(range(day + seconds, day + DAY + seconds, seconds))
    gathered.text += cells[2 : 2 + count]
    gathered.estimated.extend([QUALITIES[quality]] * count)
    gathered.missing.extend([quality == MISSING_QUALITY] * count)


def apply_quality(gathered: Gathered, place: int, cells: Sequence[str], first_of_day: int) -> None:
    """A 400 record: the quality of the intervals from one number to another, counted from 1, of the day above it."""
    first, last = (parse_int(cells[at]) if at < len(cells) else None for at in (1, 2))
    quality = cells[3][:1].upper() if len(cells) > 3 else ""
    count = len(gathered.text) - first_of_day
    if first is None or last is None or not 1 <= first <= last <= count or quality not in QUALITIES:
        gathered.fault(place, "QualityMethod", quality, "A 400 record has the numbers of intervals, and their quality.")
        return
    part = slice(first_of_day + first - 1, first_of_day + last)
    gathered.estimated[part] = array("b", [QUALITIES[quality]] * (last - first + 1))
    gathered.missing[part] = array("b", [quality == MISSING_QUALITY] * (last - first + 1))


def gather_reads(gathered: Gathered, rows: Sequence[Sequence[str]], options: FileOptions) -> None:
    """The readings of the 250 records of NEM13: what was used between two reads of a register."""
    for place, cells in enumerate(rows):
        if cells and cells[0] == "250":
            gather_read(gathered, place, cells, options)
        elif not cells or cells[0] not in ("100", "550", "900"):
            gathered.fault(place, "record", cells[0] if cells else "", NO_NEM13)


def gather_read(gathered: Gathered, place: int, cells: Sequence[str], options: FileOptions) -> None:
    """The reading of a 250 record. Its fields: 2 NMI, 5 suffix, 8 direction, 10 time and 11 quality of the previous
    read, 15 and 16 those of the current one, 19 quantity, 20 unit."""
    cell = dict(enumerate(cells, 1)).get
    start, end = moment_of(cell(10, "")), moment_of(cell(15, ""))
    if start is None or end is None or end <= start:
        gathered.fault(place, "ReadDateTime", cell(15, ""), NO_READS)
        return
    source = source_of(
        gathered, cell(2, ""), cell(5, ""), cell(20, ""), ACCUMULATED.get(cell(8, "")[:1].upper()), options
    )
    qualities = [cell(number, "A")[:1].upper() for number in (11, 16)]
    if source is None:
        return
    gathered.source.append(source)
    gathered.row.append(place)
    gathered.place.append(18)
    gathered.start.append(start)
    gathered.end.append(end)
    gathered.text.append(cell(19, ""))
    gathered.estimated.append(any(QUALITIES.get(quality, False) for quality in qualities))
    gathered.missing.append(MISSING_QUALITY in qualities)


def day_of(text: str) -> int | None:
    """The instant at which a day begins; None if the text is no day as 20220131."""
    return moment_of(f"{text}000000") if len(text) == len("20220131") else None


def moment_of(text: str) -> int | None:
    """The instant of a time as 20220131235959, in UTC+10."""
    if len(text) != len("20220131235959") or not text.isdecimal() or not text.isascii():
        return None
    try:
        return int(datetime.strptime(f"{text}+1000", "%Y%m%d%H%M%S%z").timestamp())
    except ValueError:
        return None
