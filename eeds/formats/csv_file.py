"""A table as CSV: UTF-8, a line of headings, nothing for a missing value, numbers with all digits that they have."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from eeds.formats.table import Batch, Column, Type, finite

# What makes spreadsheets take a text for a formula; they drop the apostrophe in front of it, and leave the text alone.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The file, a part for each batch."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    yield taken(text)
    shown = [SHOWN[column.type] for column in columns]
    for batch in batches:
        cells = [list(map(show, values)) for show, values in zip(shown, zip(*batch, strict=True), strict=True)]
        writer.writerows(zip(*cells, strict=True))
        yield taken(text)


def taken(text: io.StringIO) -> bytes:
    """What was written since the last time."""
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written


def harmless(value: str | None) -> str | None:
    """A text that no spreadsheet takes for a formula."""
    return f"'{value}" if value is not None and value.startswith(FORMULA) else value


def unguarded(text: str) -> str:
    """A text as it was before `harmless`, which is how spreadsheets read it."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def flag(value: bool | None) -> str | None:
    """As in JSON."""
    return None if value is None else "true" if value else "false"


def instant(value: Any) -> str | None:
    """As in JSON."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")


SHOWN: dict[Type, Callable[[Any], Any]] = {
    Type.INTEGER: lambda value: value,
    Type.NUMBER: finite,
    Type.TEXT: harmless,
    Type.INSTANT: instant,
    Type.FLAG: flag,
}
