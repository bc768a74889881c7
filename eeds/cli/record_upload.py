"""`eeds upload energy|weather`: files piece by piece. What is good is stored, what is refused goes to
FILE.refused.csv."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from eeds.cli import file_reports, upload_reports
from eeds.cli.record_files import Piece, pieces
from eeds.client import Client
from eeds.client.record_tables import TableType, TableUpload
from eeds.errors import EedsError
from eeds.formats.csv_file import guarded_lines


class RowsRefused(EedsError):
    """Some rows of a file were not stored."""


class RecordUpload:
    """One pass over a file; with `dry_run` all is checked and nothing stored. It goes piece by piece, but for one that
    is given as a `whole`; `further` is what the query has besides.

    Refused rows are written to `refused_path`, with the columns and cells of the file: ready to be corrected and sent
    again. What is there from an earlier upload is removed. The file goes in pieces, unless it is given as a `whole`.
    """

    def __init__(
        self,
        client: Client,
        type: TableType,
        path: Path,
        *,
        dry_run: bool,
        whole: Piece | None = None,
        further: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.dry_run = dry_run
        self.whole = whole
        self.table = TableUpload(
            client, type, str(path), dry_run=dry_run, further={**(further or {}), "file_name": path.name}
        )
        self.reasons: list[str] = []  # the first of why rows were refused
        self.refused_path = path.with_name(f"{path.name}.refused.csv")
        try:
            self.refused_path.unlink(missing_ok=True)
        except OSError as error:
            raise self.unwritable(error) from error

    def run(self) -> None:
        """Send all of the file. Raises EedsError for what ends it early, and ends the program when interrupted."""
        try:
            title = f"{'checking' if self.dry_run else 'uploading'} {self.path.name}"
            with upload_reports.progress_bar(title, self.path.stat().st_size) as advance:
                for piece in [self.whole] if self.whole else pieces(self.path):
                    self.send(piece)
                    advance(piece.position, self.rows)
        except KeyboardInterrupt:
            upload_reports.exit_interrupted(self.early_end("interrupted"))
        except EedsError as error:
            if not self.rows:
                raise
            raise EedsError(f"{error}\n{self.early_end('ended')}") from error

    def early_end(self, how: str) -> str:
        """What to print when not all of the file was sent."""
        return upload_reports.early_end(f"{self.path}: {how}", f"{self.rows:,} rows", dry_run=self.dry_run)

    @property
    def rows(self) -> int:
        """How many rows are done with."""
        return self.table.counts.total()

    def send(self, piece: Piece) -> None:
        """Send a piece, and write its refused rows; the first make the file. Raises EedsError."""
        refused = [*self.table.send(piece.media_type, piece.body)]
        if not refused:
            return
        try:
            with self.refused_path.open("ab") as file:
                if not file.tell() and self.table.header:
                    file.write(guarded_lines([*self.table.above, ("line", *self.table.header, "error")]))
                for row in refused:
                    line = row.line + piece.lines_before
                    file.write(guarded_lines([(line, *row.cells, row.error)]))
                    if len(self.reasons) < upload_reports.LISTED:
                        self.reasons.append(f"line {line}: {row.error}")
        except OSError as error:
            raise self.unwritable(error) from error

    def unwritable(self, error: OSError) -> EedsError:
        """What to say where the file of refused rows cannot be written."""
        return EedsError(f"Cannot write the refused rows to {self.refused_path}: {error.strerror}.")

    def summary(self) -> str:
        """What became of the rows, in a line."""
        counts = self.table.counts
        further = {"given more than once": counts["duplicates"], "refused": counts["refused"]}
        words = [
            upload_reports.describe_counts(counts),
            *(f"{count:,} {what}" for what, count in further.items() if count),
        ]
        return f"{self.path}: {self.table.type.noun} {', '.join(words)}{upload_reports.checked_only(self.dry_run)}"

    def raise_refused(self, consequence: str) -> None:
        """Raises RowsRefused with the refused rows, if there are any."""
        count = self.table.counts["refused"]
        if count:
            raise RowsRefused(upload_reports.list_errors(self.path, consequence, count, self.reasons))


def tell_refused(uploads: Iterable[Callable[[], None]]) -> None:
    """Make uploads one after the other; raises RowsRefused at the end with what was refused of any."""
    refused: list[str] = []
    for upload in uploads:
        try:
            upload()
        except RowsRefused as error:
            refused.append(str(error))
    if refused:
        raise RowsRefused("\n".join(refused))


def upload_records(
    client: Client, type: TableType, path: Path, *, dry_run: bool, all_or_nothing: bool, **options: Any
) -> None:
    """Load a file and print what became of its rows; raises RowsRefused with those that were refused. `options` as
    RecordUpload has them."""
    if all_or_nothing and not dry_run:
        check = RecordUpload(client, type, path, dry_run=True, **options)
        check.run()
        where = f"The refused rows are in {check.refused_path}."
        check.raise_refused(f"Nothing of the file was stored; correct it and run this again. {where}")
    upload = RecordUpload(client, type, path, dry_run=dry_run, **options)
    upload.run()
    upload_reports.print_ignored(path, upload.table.ignored_columns)
    click.echo(upload.summary())
    for note in [*upload.table.notes, *file_reports.report(upload.table.answers)]:
        click.echo(f"{path}: {note}")
    where = f"The refused rows are in {upload.refused_path}. Correct them there and upload that file."
    upload.raise_refused(where if dry_run else f"{where} {type.loss}")
