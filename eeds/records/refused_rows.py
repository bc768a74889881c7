"""What was refused of a body: listed in the words of its table, and written as CSV in the table's own columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any, Protocol

from eeds.errors import EedsError
from eeds.formats.csv_file import guarded_lines
from eeds.records.refusals import Counts, Refusal

LISTED = 100


class NamedTable(Protocol):
    """A table with its own words: the names of its columns, and which of them is a field."""

    @property
    def header(self) -> Sequence[str]:
        """The names of the columns."""

    def column_of(self, field: str) -> str:
        """What the table calls the column of a field."""

    def advice_on(self, field: str, message: str) -> str:
        """What to do about a message on a field; empty if nothing is to be said."""


class FileRows(Protocol):
    """Rows of a table as they stand in its file."""

    def lines_and_cells(self, rows: Sequence[int]) -> Iterable[tuple[int, Sequence[Any]]]:
        """The line that each of the rows of these numbers begins on, and its cells."""


@dataclass
class Refusals:
    """What was refused of a body: the exact count, the first reasons, and where `file` is given every refused record in
    it, as CSV: with the columns and words of its `table`, or of objects the `fields`."""

    fields: Sequence[str] = ()
    table: NamedTable | None = None
    file: IO[bytes] | None = None
    records: int = 0
    listed: list[Refusal] = field(default_factory=list)

    def add(self, refusals: Iterable[Refusal], file_rows: FileRows | None = None) -> None:
        """Note the refusals of a batch."""
        reasons: dict[int, list[Refusal]] = {}
        for refusal in refusals:
            reasons.setdefault(refusal.row, []).append(refusal)
            if len(self.listed) < LISTED:
                self.listed.append(self.in_own_words(refusal))
        if self.file and reasons:
            self.write(self.file, dict(sorted(reasons.items())), file_rows)
        self.records += len(reasons)

    def join(self, other: "Refusals") -> None:
        """Note what was refused elsewhere of the same body."""
        self.listed += other.listed[: LISTED - len(self.listed)]
        self.records += other.records

    def in_own_words(self, refusal: Refusal) -> Refusal:
        """The refusal with the table's name of the column."""
        return replace(refusal, field=self.table.column_of(refusal.field)) if self.table and refusal.field else refusal

    def write(self, file: IO[bytes], reasons: Mapping[int, Sequence[Refusal]], file_rows: FileRows | None) -> None:
        """Write the records, each with its line and what is wrong with it, ready to be corrected and sent again."""
        if file_rows:
            rows = file_rows.lines_and_cells(list(reasons))
        else:
            items = (each[0].item if isinstance(each[0].item, Mapping) else {} for each in reasons.values())
            rows = (
                (row + 1, [item.get(name) for name in self.fields]) for row, item in zip(reasons, items, strict=True)
            )
        header = () if self.records else self.table.header if self.table else self.fields
        texts = (map(self.error_text, wrong) for wrong in reasons.values())
        write_refused_rows(file, header, ((*row, wrong) for row, wrong in zip(rows, texts, strict=True)))

    def error_text(self, refusal: Refusal) -> str:
        """A reason with its column, and what to do about it."""
        if refusal.field is None:
            return refusal.message
        advice = self.table.advice_on(refusal.field, refusal.message) if self.table else ""
        return f"{self.in_own_words(refusal).field}: {refusal.message}{f' {advice}' if advice else ''}"


def write_refused_rows(
    file: IO[bytes], header: Sequence[str], rows: Iterable[tuple[int | str, Sequence[Any], Iterable[str]]]
) -> None:
    """Write refused rows as CSV, each with its line, its cells and what is wrong with it; below the header, if that is
    not empty."""
    if header:
        file.write(guarded_lines([["line", *header, "error"]]))
    file.write(guarded_lines([line, *map(cell_text, cells), "; ".join(reasons)] for line, cells, reasons in rows))


def cell_text(value: Any) -> str:
    """A value in a CSV file, as it was sent."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Loaded:
    """A load that was stored, or would have been. `ignored_columns` of the table are those that nothing is made of, and
    `notes` say what was made of the values before they were stored."""

    counts: Counts
    refused: Refusals
    ignored_columns: Sequence[str] = ()
    notes: Sequence[str] = ()


class Refused(EedsError):
    """Some records cannot be stored, so none was. `are_more`: so many that the rest was not read."""

    def __init__(
        self, refused: Refusals, sent: int, ignored_columns: Sequence[str] = (), *, are_more: bool = False
    ) -> None:
        self.refused = refused
        self.ignored_columns = ignored_columns
        of = f"the first {sent}" if are_more else str(sent)
        rest = "; the rest was not read" if are_more else ""
        super().__init__(f"{refused.records} of {of} records refused, none stored{rest}")
