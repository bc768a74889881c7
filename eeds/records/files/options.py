"""How somebody wants a file to be read: what the file does not say, or says in a way that could mean two things."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from re import ASCII, compile
from zoneinfo import ZoneInfo, available_timezones

from eeds.errors import Invalid
from eeds.formats.units import parse_heating_value

OFFSET = compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?([0-5]\d))?", ASCII)
DECIMALS = (".", ",")
MAX_OFFSET_HOURS = 14


@dataclass(frozen=True)
class FileOptions:
    """What is said about a file beside it; empty where nothing is.

    `columns` are the heads of fields that are not recognised; `project_id`, `fuel`, `unit` and `trace_id` fill what the
    file lacks; `timezone` is that of times without an offset; `date_format` says what an ambiguous day means, `decimal`
    what an ambiguous number does; `sheet` is that of a workbook; `heating_value` is that of gas in volumes. With
    `is_plain` the file is a piece of a plain table, of which odd rows are refused rather than understood."""

    project_id: str = ""
    fuel: str = ""
    unit: str = ""
    trace_id: str = ""
    timezone: str = ""
    date_format: str = ""
    decimal: str = ""
    sheet: str = ""
    heating_value: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    is_plain: bool = False

    @property
    def zone(self) -> tzinfo | None:
        """The time zone; None if nothing is said. Raises Invalid."""
        return zone_named(self.timezone) if self.timezone else None

    @property
    def heat(self) -> float | None:
        """The heating value in MJ/m3; None if nothing is said. Raises Invalid."""
        try:
            return parse_heating_value(self.heating_value) if self.heating_value else None
        except ValueError as error:
            raise Invalid({"heating_value": [str(error)]}) from error

    def check(self) -> None:
        """Raises Invalid for an option that means nothing, whether or not the file needs it."""
        _ = self.zone, self.heat
        if self.decimal and self.decimal not in DECIMALS:
            raise Invalid({"decimal": [f'"{self.decimal}" is not a valid choice: . or ,']})

    @property
    def changes_reading(self) -> bool:
        """Whether anything is said that the reader of plain tables does not know."""
        filled = self.project_id or self.fuel or self.unit or self.trace_id
        return bool(self.columns or self.sheet or filled or self.decimal == ",")


def zone_named(name: str) -> tzinfo:
    """The zone of an IANA name as America/Chicago, or an offset as +10:00; raises Invalid."""
    if name in zone_names():
        return ZoneInfo(name)
    offset = OFFSET.fullmatch(name.strip())
    if name.upper() in ("UTC", "GMT", "Z"):
        return UTC
    if not offset or int(offset[2]) > MAX_OFFSET_HOURS:
        advice = "Name one of the IANA, as America/Chicago or Europe/Berlin, or an offset, as +10:00."
        raise Invalid({"timezone": [f'"{name}" is no time zone. {advice}']})
    length = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return timezone(-length if offset[1] == "-" else length)


@cache
def zone_names() -> frozenset[str]:
    """The names of zones that there are."""
    return frozenset(available_timezones())


def columns_said(text: str) -> dict[str, str]:
    """The columns that `start=Datum,value=Verbrauch` says; raises Invalid."""
    columns: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        field, equals, head = part.partition("=")
        if not equals:
            raise Invalid({"columns": [f'"{part}" is not FIELD=COLUMN, as start=Datum,value=Verbrauch.']})
        columns[field.strip().lower()] = head.strip()
    return {"label" if name == "trace_id" else name: head for name, head in columns.items()}
