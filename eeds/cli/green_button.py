"""`eeds upload greenbutton`: Green Button files, zips and directories of them into a project."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
from tqdm import tqdm

from eeds.cli.progress_bar import progress_bar
from eeds.cli.record_upload import GO_ON, INTERRUPTED
from eeds.client import Client
from eeds.client.green_button import OUTCOMES, FileRefused, Report, name_of, refusals, send_green_button, skipped
from eeds.errors import EedsError

SUFFIXES = (".xml", ".xml.gz", ".zip")


class GreenButtonUpload:
    """The upload of some files; with `dry_run` all is checked and nothing stored."""

    def __init__(self, client: Client, project: str, *, dry_run: bool, all_or_nothing: bool) -> None:
        self.client = client
        self.project = project
        self.dry_run = dry_run
        self.all_or_nothing = all_or_nothing
        self.sent = 0
        self.refused: list[str] = []

    def run(self, files: Sequence[Path]) -> None:
        """Send all files; raises EedsError with what was refused of any, and why it ended early if it did. Ends the
        program when interrupted."""
        try:
            self.send_all(files)
        except KeyboardInterrupt:
            self.refused.append(self.ended("interrupted"))
            click.echo("\n".join(self.refused), err=True)
            click.get_current_context().exit(INTERRUPTED)
        except EedsError as error:
            early = [self.ended(f"ended at {files[self.sent]}")] if self.sent else []
            raise EedsError("\n".join([*self.refused, str(error), *early])) from error
        if self.refused:
            raise EedsError("\n".join(self.refused))

    def ended(self, how: str) -> str:
        """What to say of an end before the last file."""
        files = "1 file" if self.sent == 1 else f"{self.sent:,} files"
        return f"{how}, after {files}. {'Nothing was stored.' if self.dry_run else GO_ON}"

    def send_all(self, files: Sequence[Path]) -> None:
        """Send file after file."""
        title = "checking" if self.dry_run else "uploading"
        with progress_bar(title, sum(file.stat().st_size for file in files)) as advance:
            done = readings = 0
            for file in files:
                readings += self.send(file)
                self.sent += 1
                done += file.stat().st_size
                advance(done, readings)

    def send(self, file: Path) -> int:
        """Send a file, and print what became of it; how many readings it has."""
        try:
            report = send_green_button(
                self.client, file, self.project, dry_run=self.dry_run, partial=not self.all_or_nothing
            )
        except FileRefused as error:
            self.refused.append(f"{file}: nothing was stored.\n  {error}")
            return 0
        tell((f"{file}: {line}" for line in lines(report, dry_run=self.dry_run)), err=False)
        tell((f"{file}: {line}" for line in skipped(report)), err=True)
        if report.get("refused"):
            readings = "1 reading" if report["refused"] == 1 else f"{report['refused']:,} readings"
            stored = "Nothing was stored." if self.dry_run else "The others were stored."
            self.refused.append("\n  ".join([f"{file}: {readings} refused. {stored}", *refusals(report)]))
        return sum(trace["readings"] for trace in report["traces"])


def lines(report: Report, *, dry_run: bool) -> Iterator[str]:
    """What became of the readings of each trace, in a line."""
    for trace in report["traces"]:
        counts = ", ".join(f"{trace[name]:,} {name}" for name in OUTCOMES[:3])
        nothing = " (checked only, nothing was stored)" if dry_run else ""
        yield f"{name_of(trace)}: {trace['readings']:,} readings; records {counts}{nothing}"


def green_button_files(paths: Sequence[Path]) -> list[Path]:
    """All files of some paths, each of them once; raises EedsError for a path that has none."""
    return list(dict.fromkeys(file for path in paths for file in files_of(path)))


def files_of(path: Path) -> Iterator[Path]:
    """A file, or those of a directory and of the ones in it; raises EedsError if there is none."""
    if not path.is_dir():
        if not path.exists():
            raise EedsError(f"{path} cannot be read: No such file or directory")
        yield path
        return
    # what a Mac puts beside a file is hidden, and has its suffix
    found = sorted(file for file in path.rglob("[!.]*") if file.name.lower().endswith(SUFFIXES) and file.is_file())
    if not found:
        raise EedsError(f"{path} has no file whose name ends in {', '.join(SUFFIXES)}.")
    yield from found


def tell(lines: Iterable[str], *, err: bool) -> None:
    """Print lines above the progress bar."""
    with tqdm.external_write_mode():
        for line in lines:
            click.echo(line, err=err)
