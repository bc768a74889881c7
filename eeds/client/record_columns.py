"""The columns of tables of records, the words that people use in them, and their words for what the API says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eeds.client.columns import UnfitColumns
from eeds.meter.names import INTERPRETATIONS

# How the API lists what is wrong with a row: "field: message; field: message".
COMPLAINT = re.compile(r"(^|; )(\w+): (.*?)(?=; \w+: |\Z)", re.DOTALL)


class Words(dict[str, str]):
    """What tables write, in capitals or not, and what the API calls it. Anything else is left for the API to judge."""

    def __missing__(self, cell: str) -> str:
        word = cell.strip().lower()
        if word not in self:
            return cell
        self[cell] = self[word]  # the next of the million rows that write it so takes no such detour
        return self[cell]


FUELS = Words(
    {"electricity": "E_C_S", "natural_gas": "NG_C_S", "natural gas": "NG_C_S", "gas": "NG_C_S"}
    | {code.lower(): code for code in INTERPRETATIONS}
)
UNITS = Words({"kwh": "KWH", "therm": "THM", "therms": "THM", "thm": "THM"})
MISSING = Words(dict.fromkeys(("", "nan", "null", "none", "na", "n/a"), ""))


@dataclass(frozen=True, eq=False)
class Field:
    """A field of the API: what tables may call its column, in order of preference, the words they may use in it, and
    what to do about what the API says of it."""

    name: str
    columns: tuple[str, ...]
    words: Words | None = None
    optional: bool = False
    advice: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RecordKind:
    """A kind of table of records: the API's path, what to call them, their fields, and what it means if a row is left
    out. `never_empty` are fields that may not be empty though the API takes that; `as_it_is` says that a table
    which calls its columns as the API does has the API's words in them too."""

    path: str
    noun: str
    fields: tuple[Field, ...]
    loss: str
    never_empty: frozenset[str] = frozenset()
    as_it_is: bool = False


READING = (
    Field("start", ("start", "date")),
    Field("value", ("value",), MISSING),
    Field("estimated", ("estimated",), optional=True),
)
TRACE = (
    Field("project_id", ("project_id",), advice=(("There is no project", "Load it with: eeds upload projects"),)),
    Field(
        "interpretation",
        ("interpretation", "fuel"),
        FUELS,
        advice=(("is not a valid choice", f"It is electricity, natural_gas or one of {', '.join(INTERPRETATIONS)}."),),
    ),
    Field("label", ("trace_id", "label")),
    Field("unit", ("unit",), UNITS, advice=(("is not a valid choice", "It is kWh or therm."),)),
)
SHORTER_TRACE = "Until then they are missing from their traces, and a missing reading lengthens the one before it."

ENERGY = RecordKind(
    "consumption_records/sync2/",
    "records",
    (*TRACE, *READING),
    SHORTER_TRACE,
    # rows that do not say which trace they are of would all be taken for one that has no label
    never_empty=frozenset({"label"}),
    as_it_is=True,
)
ENERGY_BY_ID = RecordKind(
    ENERGY.path, ENERGY.noun, (Field("metadata_id", ("metadata_id",)), *READING), SHORTER_TRACE, as_it_is=True
)


def energy_kind(header: Sequence[str]) -> RecordKind:
    """The kind of a table of readings: their traces are given by id, or by name."""
    return ENERGY_BY_ID if "metadata_id" in map(str.lower, header) else ENERGY


def weather_kind(header: Sequence[str]) -> RecordKind:
    """The kind of a table of temperatures; raises UnfitColumns if it has no column of temperatures, or two."""
    units = {"temp_f", "temp_c"} & set(map(str.lower, header))
    if len(units) != 1:
        raise UnfitColumns(f"must have one column of temperatures, temp_f or temp_c; it has {len(units)}.")
    (unit,) = units
    return RecordKind(
        "weather_records/sync2/",
        "temperatures",
        (Field("station", ("station",)), Field("start", ("start", "date")), Field(unit, (unit,), MISSING)),
        "Until then the temperatures of these hours stay as they were, or missing.",
    )


class Wording:
    """What the API says of a row, in the words of the row's table; `columns` are what that calls the fields."""

    def __init__(self, columns: Mapping[Field, str]) -> None:
        self.columns = {field.name: column for field, column in columns.items()}
        self.advice = {field.name: field.advice for field in columns}

    def in_own_words(self, error: str) -> str:
        """With the table's names for its columns, and what to do about it."""
        return COMPLAINT.sub(self.complaint, error)

    def complaint(self, said: re.Match[str]) -> str:
        """The same of one of its fields."""
        separator, name, message = said.groups()
        todo = "".join(f" {todo}" for cause, todo in self.advice.get(name, ()) if cause in message)
        return f"{separator}{self.columns.get(name, name)}: {message}{todo}"


def columns_of(header: Sequence[str], kind: RecordKind) -> dict[Field, str]:
    """What a table of that kind calls its fields; raises UnfitColumns if it lacks a column, or has one twice."""
    columns = {field: column_of(header, field) for field in kind.fields}
    return {field: column for field, column in columns.items() if column is not None}


def column_of(header: Sequence[str], field: Field) -> str | None:
    """What a table calls the column of a field; None if it lacks it and may. Raises UnfitColumns."""
    for name in field.columns:
        found = [written for written in header if written.lower() == name]
        if len(found) > 1:
            raise UnfitColumns(f"has {len(found)} columns {name}; leave the one that is meant.")
        if found:
            return found[0]
    if field.optional:
        return None
    raise UnfitColumns(f"has no column {' or '.join(field.columns)}; it has: {', '.join(header) or 'nothing'}.")
