"""Whose readings the rows of a table are: names of projects and traces, fuels, units; each distinct one read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.errors import BodyTooLarge, MalformedBody
from eeds.formats.id_columns import cleaned, digits_lost
from eeds.formats.messages import BLANK, INTEGER
from eeds.formats.units import unit_named
from eeds.formats.values import parse_int
from eeds.records.files.options import FileOptions
from eeds.records.files.profiles import head_word, known_words, plain
from eeds.records.files.rows import column
from eeds.records.files.taken import CellFault, Rows, Source
from eeds.records.files.wrong import require_few_faults
from eeds.records.trace_names import FUELS, NO_CHOICE, read_text

MAX_SOURCES = 50_000
Faults = list[tuple[str, str, str]]  # field, cell, message


@dataclass(frozen=True)
class Sources:
    """The source of each row, as a position in `names`, -1 where that cannot be said: then there is a fault."""

    numbers: NDArray[np.int32]
    names: Sequence[Source]
    faults: Sequence[CellFault]
    notes: Sequence[str]


def sources_of(rows: Rows, options: FileOptions) -> Sources:
    """Whose readings the rows are. Raises MalformedBody where the whole file does not say it, and no option does."""
    by_id = column(rows, "metadata_id")
    required = () if by_id else REQUIRED if is_fuel_by_word(rows) else ("project_id", "fuel")
    cells = {name: cells_of(rows, name, options, name in required) for name in ("project_id", "fuel", "label")}
    units = column(rows, "unit") or [""] * len(rows.places)
    numbers: dict[tuple[str, ...], int] = {}
    which = np.empty(len(rows), np.int32)
    table = zip(by_id or [""] * len(rows.places), *cells.values(), rows.sections, units, strict=True)
    for place, each in enumerate(table):
        which[place] = numbers.setdefault(each, len(numbers))
        if len(numbers) > MAX_SOURCES:
            raise BodyTooLarge(f"The table has readings of more than {MAX_SOURCES:,} traces; send it in parts.")
    reader = SourceReader(rows, options, by_id is not None)
    read = [reader.read(*each) for each in numbers]
    faults = reader.faults_of_rows(rows, which, read)
    names = [each for each in read if isinstance(each, Source)]
    positions = np.cumsum([isinstance(each, Source) for each in read]) - 1
    numbers_of_names = np.where([isinstance(each, Source) for each in read], positions, -1)
    of_rows = numbers_of_names.astype(np.int32)[which] if len(which) else which
    return Sources(of_rows, names, faults, [*reader.notes])


REQUIRED = ("project_id", "fuel", "label")
NO_UNIT = '"{}" is no unit that is known, as kWh or therm.'
OPTION_OF = {"project_id": "project_id", "fuel": "fuel", "label": "trace_id"}


def is_fuel_by_word(rows: Rows) -> bool:
    """Whether the meters of one fuel would become one trace unnoticed, if they had no label."""
    return head_word(rows.header.column_of("fuel")) != "interpretation"


def cells_of(rows: Rows, name: str, options: FileOptions, is_required: bool) -> Sequence[str]:
    """The cells of a field, or what is said of the whole file in their place: by an option, above the header, or by
    the profile. Raises MalformedBody."""
    cells = column(rows, name)
    if cells is not None:
        return cells
    profile = rows.header.profile
    option = OPTION_OF[name]
    said = (
        getattr(options, option)
        or rows.header.above.get(name, "")
        or (profile.fixed.get(name, "") if profile else "")
        or ("E_C_S" if name == "fuel" and any(rows.sections) else "")
    )
    if not said and is_required:
        head = "trace_id or label" if name == "label" else "interpretation or fuel" if name == "fuel" else name
        shown = ", ".join(filter(None, rows.header.cells))
        raise MalformedBody(
            f"The table has no column {head}; it has: {shown[:300]}. "
            f"Give the option {option} if all rows have the same."
        )
    return [said] * len(rows.places)


class SourceReader:
    """Reads the distinct names of a file."""

    def __init__(self, rows: Rows, options: FileOptions, by_id: bool) -> None:
        header = rows.header
        self.by_id = by_id
        self.may_lack_label = "label" not in header.places or head_word(header.column_of("label")) == "label"
        self.fixed_unit = (
            header.units.get("value")
            or header.above.get("unit")
            or (header.profile.fixed.get("unit", "") if header.profile else "")
            or options.unit
        )
        self.notes: dict[str, None] = {}

    def read(self, id: str, project: str, fuel: str, label: str, section: str, unit: str) -> Source | Faults:
        """The source of these cells, or all that is wrong with them: field, cell and message."""
        unit = unit or self.fixed_unit
        values, faults = self.values(
            {"metadata_id": id} if self.by_id else {"project_id": project, "fuel": fuel, "label": label}
        )
        if unit and unit_named(unit) is None:
            faults.append(("unit", unit, NO_UNIT.format(unit)))
        if faults:
            return faults
        if self.by_id:
            return Source(values["metadata_id"], "", "", None, unit)
        # a section of a file says the direction of what its rows say the fuel of
        return Source(None, values["project_id"], section or values["fuel"], values["label"], unit)

    def values(self, cells: Mapping[str, str]) -> tuple[dict[str, Any], Faults]:
        """The values of cells by field, and what is wrong with them."""
        values: dict[str, Any] = {}
        faults: Faults = []
        for name, cell in cells.items():
            try:
                values[name] = interpretation_of(cell) if name == "fuel" else self.name(name, cell)
            except ValueError as error:
                faults.append((name, cell, str(error)))
        return values, faults

    def name(self, name: str, cell: str) -> str | int | None:
        """A name or an id, None for a label that is not there; raises ValueError."""
        if name == "label" and not cell and self.may_lack_label:
            return None
        if name != "metadata_id":
            return read_text(self.cleaned(cell))
        key = parse_int(self.cleaned(cell))
        if key is None:
            raise ValueError(INTEGER if cell else BLANK)
        return key

    def cleaned(self, text: str) -> str:
        """An id as it was before a spreadsheet made it a number; raises ValueError where digits are lost."""
        id = cleaned(text)
        if id is None:
            raise ValueError(digits_lost(text))
        if id != text:
            self.notes[f"{text} is read as {id}: a spreadsheet made a number of it."] = None
        return id

    def faults_of_rows(
        self,
        rows: Rows,
        which: NDArray[np.int32],
        read: Sequence[Source | Faults],
    ) -> list[CellFault]:
        """What is wrong with each row whose names mean nothing. Raises TooManyWrong."""
        faults: list[CellFault] = []
        is_wrong = np.array([not isinstance(each, Source) for each in read], bool)
        for place in np.flatnonzero(is_wrong[which]).tolist() if len(which) else ():
            found = read[which[place]]
            assert not isinstance(found, Source)
            for at, (name, cell, message) in enumerate(found):
                faults.append(CellFault(rows.places[place], name, cell, message, counts=not at))
            require_few_faults(faults)
        return faults


def interpretation_of(word: str) -> str:
    """The code that a word for a fuel means; raises ValueError."""
    if not word:
        raise ValueError(BLANK)
    code = FUELS.get(word.strip().lower()) or known_words().fuels.get(plain(word))
    if code is None:
        raise ValueError(f'"{word}" {NO_CHOICE}.')
    return code
