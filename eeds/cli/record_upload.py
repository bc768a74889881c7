"""Sending the records of a file, piece by piece: what is good is stored, what is refused goes to FILE.refused.csv."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping

import click

from eeds.cli.layouts import Layout
from eeds.cli.progress_bar import progress_bar
from eeds.cli.record_files import Piece
from eeds.cli.refused_file import RefusedFile, RefusedRow
from eeds.client import Client
from eeds.errors import EedsError

INTERRUPTED = 130  # the exit status of a command that was ended by Ctrl-C
OUTCOMES = ("created", "updated", "unchanged", "duplicates", "refused")
GO_ON = "What was sent before that is stored; run this again to go on, it changes nothing of that."


class RowsRefused(EedsError):
    """Some rows of a file were not stored."""


class RecordUpload:
    """One pass over a file; with `dry_run` all is checked and nothing stored.

    `counts` says what became of the rows, by OUTCOMES, and `refused` has those that were refused.
    """

    def __init__(self, client: Client, layout: Layout, *, dry_run: bool) -> None:
        self.client = client
        self.layout = layout
        self.file = layout.file
        self.kind = layout.kind
        self.dry_run = dry_run
        self.counts: Counter[str] = Counter()
        self.refused = RefusedFile(self.file.path, self.file.header)

    def run(self) -> None:
        """Send all of the file. Raises EedsError for what ends it early, and ends the program when interrupted."""
        try:
            self.send_all()
        except KeyboardInterrupt:
            click.echo(f"{self.file.path}: interrupted after {self.rows:,} rows. {self.stored}", err=True)
            click.get_current_context().exit(INTERRUPTED)
        except EedsError as error:
            if not self.rows:
                raise
            raise EedsError(f"{error}\n{self.file.path}: ended after {self.rows:,} rows. {self.stored}") from error

    @property
    def rows(self) -> int:
        """How many rows are done with."""
        return self.counts.total()

    @property
    def stored(self) -> str:
        """What has become of them, and what to do, when the rest was not sent."""
        return "Nothing was stored." if self.dry_run else GO_ON

    def send_all(self) -> None:
        """Send piece after piece."""
        title = f"{'checking' if self.dry_run else 'uploading'} {self.file.path.name}"
        with progress_bar(title, self.file.path.stat().st_size) as advance:
            for piece in self.file.pieces():
                self.send(piece)
                advance(piece.position, self.rows)

    def send(self, piece: Piece) -> None:
        """Send a piece, and ask for the reasons if some of it is refused."""
        body = self.layout.body(piece)
        answer = self.client.load(self.kind.path, body.csv, dry_run=self.dry_run)
        self.counts.update({name: answer[name] for name in OUTCOMES}, refused=body.faulty)
        if answer["refused"] or body.faulty:
            errors = self.errors_of(body.csv) if answer["refused"] else {}
            self.refused.add(self.refused_rows(piece, errors))

    def errors_of(self, body: bytes) -> Mapping[int, str]:
        """What is wrong with the rows of a body, by their place in it: all of it, of which a load lists a part."""
        told = csv.DictReader(io.StringIO(self.client.refused_rows(self.kind.path, body), newline=""))
        return {int(row["line"]) - 2: self.layout.wording.in_own_words(row["error"]) for row in told}

    def refused_rows(self, piece: Piece, errors: Mapping[int, str]) -> Iterator[RefusedRow]:
        """The rows of a piece that were not sent, or refused with these errors by their place among those sent."""
        sent = 0
        for line, cells in piece.numbered_rows():
            error = self.layout.fault(cells)
            if error is None:
                error = errors.get(sent)
                sent += 1
            if error is not None:
                yield RefusedRow(line, cells, error)

    def report(self) -> str:
        """What became of the rows, in a line."""
        counts = self.counts
        words = [f"{counts[name]:,} {name}" for name in ("created", "updated", "unchanged")]
        words += [f"{counts['duplicates']:,} given more than once"] if counts["duplicates"] else []
        words += [f"{counts['refused']:,} refused"] if counts["refused"] else []
        nothing = " (checked only, nothing was stored)" if self.dry_run else ""
        return f"{self.file.path}: {self.kind.noun} {', '.join(words)}{nothing}"


def upload_records(client: Client, layout: Layout, *, dry_run: bool, all_or_nothing: bool) -> None:
    """Load a file and print what became of its rows; raises RowsRefused with those that were refused."""
    if all_or_nothing and not dry_run:
        check = RecordUpload(client, layout, dry_run=True)
        check.run()
        raise_refused(check, f"Nothing of the file was stored; mend it and run this again. {check.refused.where}")
    upload = RecordUpload(client, layout, dry_run=dry_run)
    upload.run()
    click.echo(upload.report())
    mend = f"{upload.refused.where} Mend them there and upload that file."
    raise_refused(upload, mend if dry_run else f"{mend} {layout.kind.loss}")


def raise_refused(upload: RecordUpload, consequence: str) -> None:
    """Raises RowsRefused with the refused rows, if there are any."""
    if upload.refused.count:
        raise RowsRefused(upload.refused.complaints.told(consequence))
