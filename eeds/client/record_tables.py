"""Tables of records on their way to a server: which there are, and what becomes of the rows of one."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eeds.client.errors import Refused
from eeds.client.http import Http
from eeds.errors import EedsError
from eeds.formats.media_types import CSV, JSON
from eeds.formats.messages import about_table

OUTCOMES = ("created", "updated", "unchanged", "duplicates", "refused")


@dataclass(frozen=True)
class TableType:
    """A type of table: the API's path, what to call its rows, the columns it may have, and what it means if a row is
    left out."""

    path: str
    noun: str
    columns: str
    loss: str


ENERGY = TableType(
    "consumption_records/sync2/",
    "records",
    "metadata_id, start or date, value, estimated; in place of metadata_id: project_id, interpretation or fuel, "
    "trace_id or label, unit",
    "Until then they are missing from their traces, and a missing reading lengthens the one before it.",
)
# Files as they are: the server finds out what they hold.
ANY_FILE = replace(ENERGY, path="consumption_records/upload/")
WEATHER = TableType(
    "weather_records/sync2/",
    "temperatures",
    "station, start or date, temp_f or temp_c",
    "Until then the temperatures of these hours stay as they were, or missing.",
)
# A file as it is, whose temperatures may be at any minute.
WEATHER_FILE = replace(WEATHER, path="weather_records/upload/")


@dataclass(frozen=True)
class RefusedRow:
    """A row that the server refused: its line in the body, its cells, and what is wrong with it."""

    line: int
    cells: Sequence[str]
    error: str


class TableUpload:
    """The upload of one table in pieces: the good rows are stored, unless it is a `dry_run`, which checks all.

    `title` is what errors call the table, and `further` what the query has besides. `counts` says what became of the
    rows so far, by OUTCOMES, `notes` what was made of them before, `ignored_columns` names those that nothing is made
    of, and `header` all of them once rows were refused, `above` what stands above it. `answers` are those of the
    server, of the pieces so far.
    """

    def __init__(
        self, http: Http, type: TableType, title: str, *, dry_run: bool, further: Mapping[str, str] | None = None
    ) -> None:
        self.http = http
        self.type = type
        self.title = title
        self.dry_run = dry_run
        self.further = further or {}
        self.notes: Sequence[str] = ()
        self.counts: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
        self.ignored_columns: Sequence[str] = ()
        self.header: Sequence[str] = ()
        self.above: Sequence[Sequence[str]] = ()
        self.answers: list[Mapping[str, Any]] = []

    def check_columns(self, media_type: str, header: bytes) -> None:
        """Find out what the server makes of a table without rows; raises EedsError if it lacks a column."""
        self.ignored_columns = self.post(media_type, header, dry_run=True).get("ignored_columns", ())

    def send(self, media_type: str, rows: bytes) -> Iterator[RefusedRow]:
        """Send a piece; gives the rows that are refused, with all that is wrong with them. Raises EedsError."""
        answer = self.post(media_type, rows, dry_run=self.dry_run)
        self.counts.update({name: answer[name] for name in OUTCOMES})
        self.ignored_columns = answer.get("ignored_columns", ())
        self.answers.append(answer)
        self.notes = answer.get("notes", ())
        if answer["refused"]:
            refused = self.post(media_type, rows, dry_run=True, accept=CSV)
            if not isinstance(refused, str):
                raise EedsError(f"{self.title} has rows that were refused, and no longer are; send it again.")
            lines = list(csv.reader(io.StringIO(refused, newline="")))
            head = next((number for number, row in enumerate(lines) if row[0] == "line"), -1)
            if head >= 0:
                self.above, self.header = lines[:head], lines[head][1:-1]
            for row in lines[head + 1 :]:
                yield RefusedRow(int(row[0]), row[1:-1], row[-1])

    def post(self, media_type: str, rows: bytes, *, dry_run: bool, accept: str = JSON) -> Any:
        """Send a piece; gives the answer. Raises EedsError: about the table, by its title, if that cannot be read."""
        params = {"mode": "partial", "dry_run": str(dry_run).lower(), **self.further}
        try:
            return self.http.send_table(self.type.path, rows, media_type, params, accept)
        except Refused as error:
            if error.status not in (400, 413):
                raise
            raise EedsError(about_table(self.title, error.detail)) from error
