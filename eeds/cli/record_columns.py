"""The columns of the files of records that `eeds upload` takes, and the words that people use in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from eeds.errors import EedsError
from eeds.meter.names import INTERPRETATIONS


class UnfitColumns(EedsError):
    """A file has not the columns it should have; the message goes on behind the file's name."""


class Words(dict[str, str]):
    """What files write, in capitals or not, and what the API calls it. Anything else is left for the API to judge."""

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
    """A field of the API: what files may call its column, in order of preference, the words they may use in it, and
    what to do about what the API says of it."""

    name: str
    columns: tuple[str, ...]
    words: Words | None = None
    optional: bool = False
    advice: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RecordKind:
    """A kind of file of records: the API's path, what to call them, their fields, and what it means if a row is left
    out. `never_empty` are fields that may not be empty though the API takes that; `as_it_is` says that a file which
    calls its columns as the API does has the API's words in them too."""

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
    """The kind of a file of readings: their traces are given by id, or by name."""
    return ENERGY_BY_ID if "metadata_id" in map(str.lower, header) else ENERGY


def weather_kind(header: Sequence[str]) -> RecordKind:
    """The kind of a file of temperatures; raises UnfitColumns if it has no column of temperatures, or two."""
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
