"""What became of a bulk load: counts when it was stored, reasons for what was not."""

import csv
import math
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from typing import IO, Any

from eeds.errors import EedsError
from eeds.formats.spreadsheets import without_formula

LISTED = 100
SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class Counts:
    """Records by what they changed; together they are the good ones that were sent."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0  # sent again in the same body; the last one won


@dataclass(frozen=True)
class Refusal:
    """Why one record cannot be stored: its place in the body, and the field at fault (None: the record as a whole)."""

    index: int
    field: str | None
    value: Any
    message: str
    item: Any = None  # the record as it was sent

    def report(self) -> dict[str, Any]:
        """As the API lists it."""
        return {"index": self.index, "field": self.field, "value": shown(self.value), "message": self.message}


def shown(value: Any) -> Any:
    """A refused value so that it can be sent and read: long texts are cut, lists and objects become a short text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, bool | int | float | None):
        return value
    if not isinstance(value, str):
        return reprlib.repr(value)
    text = value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "..."
    return text.encode(errors="replace").decode()  # an unpaired surrogate cannot be sent


class Refusals:
    """What was refused of a body: the exact count, the first reasons, and where `file` is given every refused record in
    it, as CSV."""

    def __init__(self, fields: Sequence[str], first_line: int, file: IO[bytes] | None) -> None:
        self.fields = fields
        self.first_line = first_line  # the line of the record with index 0
        self.records = 0
        self.listed: list[Refusal] = []
        self.file = file

    def add(self, refusals: Iterable[Refusal]) -> None:
        """Note refusals; those of one record stand together."""
        reasons: dict[int, list[Refusal]] = {}
        for refusal in refusals:
            reasons.setdefault(refusal.index, []).append(refusal)
            if len(self.listed) < LISTED:
                self.listed.append(refusal)
        if self.file and reasons:
            self.write(self.file, reasons)
        self.records += len(reasons)

    def write(self, file: IO[bytes], reasons: Mapping[int, Sequence[Refusal]]) -> None:
        """Keep the records, each with its line and what is wrong with it, ready to be mended and sent again."""
        text = TextIOWrapper(file, "utf-8", errors="replace", newline="", write_through=True)
        lines = csv.writer(text, lineterminator="\n")
        if not self.records:
            lines.writerow(["line", *self.fields, "error"])
        for index, wrong in reasons.items():
            item = wrong[0].item if isinstance(wrong[0].item, Mapping) else {}
            error = "; ".join(f"{found.field}: {found.message}" if found.field else found.message for found in wrong)
            lines.writerow([index + self.first_line, *(cell(item.get(name)) for name in self.fields), error])
        text.detach()


def cell(value: Any) -> str:
    """A value in a CSV file: as it was sent, but nothing that a spreadsheet would run."""
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return without_formula(text, may_be_number=True)


@dataclass(frozen=True)
class Loaded:
    """A load that was stored, or would have been."""

    counts: Counts
    refused: Refusals
    partial: bool
    dry_run: bool

    def report(self) -> dict[str, Any]:
        """The answer; what was refused is told where some of a body may be stored without the rest."""
        answer = {"status": "success", **asdict(self.counts)}
        if self.dry_run:
            answer["dry_run"] = True
        if self.partial:
            answer["refused"] = self.refused.records
            answer["errors"] = [refusal.report() for refusal in self.refused.listed]
        return answer


class Refused(EedsError):
    """Some records cannot be stored, so none was."""

    def __init__(self, refused: Refusals, sent: int) -> None:
        self.refused = refused
        super().__init__(f"{refused.records} of {sent} records refused, none stored")

    def report(self) -> dict[str, Any]:
        """The answer: the count is exact, the first so many reasons are listed."""
        return {
            "status": "error",
            "message": str(self),
            "errors": [refusal.report() for refusal in self.refused.listed],
        }
