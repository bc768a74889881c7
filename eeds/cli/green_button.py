"""`eeds upload greenbutton`: Green Button files (NAESB REQ.21, ESPI), zips and directories of them into a project."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from eeds.cli.upload_reports import (
    LISTED,
    checked_only,
    count_of,
    describe_balance,
    describe_change,
    describe_counts,
    early_end,
    exit_interrupted,
    progress_bar,
)
from eeds.client import ApiError, Client
from eeds.errors import EedsError
from eeds.formats.messages import about_reading, about_skipped

SUFFIXES = (".xml", ".xml.gz", ".zip")
# The server looks into the body: XML, packed or not, or a zip of files.
SENDS_FILE = {"Content-Type": "application/atom+xml"}


class FileRefused(EedsError):
    """Nothing of a file was stored, for what is in it; others may be good."""


class GreenButtonUpload:
    """The upload of some files; with `dry_run` all is checked and nothing stored."""

    def __init__(
        self, client: Client, project: str, heating_value: str | None, *, dry_run: bool, all_or_nothing: bool
    ) -> None:
        self.client = client
        self.params = {
            "project_id": project,
            "mode": "all" if all_or_nothing else "partial",
            "dry_run": str(dry_run).lower(),
            **({"heating_value": heating_value} if heating_value else {}),
        }
        self.dry_run = dry_run
        self.sent = 0
        self.refused: list[str] = []

    def run(self, files: Sequence[Path]) -> None:
        """Send all files; raises EedsError with what was refused of any, and why it ended early if it did. Ends the
        program when interrupted."""
        try:
            self.send_all(files)
        except KeyboardInterrupt:
            exit_interrupted(*self.refused, self.early_end("interrupted,"))
        except EedsError as error:
            early = [self.early_end(f"ended at {files[self.sent]},")] if self.sent else []
            raise EedsError("\n".join([*self.refused, str(error), *early])) from error
        if self.refused:
            raise EedsError("\n".join(self.refused))

    def early_end(self, how: str) -> str:
        """What to print when not all files were sent."""
        return early_end(how, count_of(self.sent, "file"), dry_run=self.dry_run)

    def send_all(self, files: Sequence[Path]) -> None:
        """Send file after file."""
        title = "checking" if self.dry_run else "uploading"
        with progress_bar(title, sum(file.stat().st_size for file in files)) as advance:
            done = readings = 0
            for file in files:
                try:
                    readings += self.send(file)
                except FileRefused as error:
                    self.refused.append(f"{file}: nothing was stored.\n  {error}")
                self.sent += 1
                done += file.stat().st_size
                advance(done, readings)

    def send(self, file: Path) -> int:
        """Send a file, and print what became of it; how many readings it has.

        Raises FileRefused with why nothing of it was stored, and EedsError for what is not the file's fault: no answer,
        no such project.
        """
        try:
            with file.open("rb") as body:
                answer = self.client.send(
                    "POST", "greenbutton/", body, {**self.params, "file_name": file.name}, SENDS_FILE
                )
        except ApiError as error:
            raise refusal_of(error) from error
        except OSError as error:
            raise EedsError(f"{file} cannot be read: {error.strerror}") from error
        traces = (f"{describe_trace(trace)}{checked_only(self.dry_run)}" for trace in answer["traces"])
        print_lines((f"{file}: {line}" for line in traces), err=False)
        print_lines((f"{file}: {line}" for line in changes(answer)), err=False)
        print_lines((f"{file}: {line}" for line in skipped(answer)), err=True)
        if answer.get("refused"):
            stored = "Nothing was stored." if self.dry_run else "The others were stored."
            title = f"{file}: {count_of(answer['refused'], 'reading')} refused. {stored}"
            self.refused.append("\n  ".join([title, *refusals(answer)]))
        return sum(trace["readings"] for trace in answer["traces"])


def refusal_of(error: ApiError) -> EedsError:
    """What to raise where nothing of a file was stored."""
    body: Any = error.body
    if error.status == 413:
        return FileRefused(error.detail)
    if error.status != 400 or not isinstance(body, Mapping):
        return error
    if "project_id" in body:
        return EedsError(f"{' '.join(body['project_id'])} Make it first, or name another.")
    if "heating_value" in body:
        return EedsError(f"--heating-value: {' '.join(body['heating_value'])}")
    if "message" in body:
        return FileRefused("\n  ".join([body["message"], *refusals(body), *skipped(body)]))
    return FileRefused(error.detail)


def refusals(answer: Mapping[str, Any]) -> Iterator[str]:
    """What was wrong with readings, as far as the answer lists them."""
    return map(about_reading, answer.get("errors", ()))


def changes(answer: Mapping[str, Any]) -> Iterator[str]:
    """The first readings that were stored with other values."""
    yield from map(describe_change, answer.get("changes", ())[:LISTED])
    more = sum(trace["balance"].get("overwritten", {}).get("readings", 0) for trace in answer["traces"]) - LISTED
    if more > 0:
        yield f"... and {more:,} more that had been stored"


def skipped(answer: Mapping[str, Any]) -> Iterator[str]:
    """What of a file is nothing that can be stored, and why."""
    return map(about_skipped, answer.get("skipped", ()))


def describe_trace(trace: Mapping[str, Any]) -> str:
    """A trace of the answer, and what became of its readings."""
    name = f"{trace['interpretation']} of {trace['label'] or 'a meter without a name'}"
    return f"{name}: {describe_balance(trace['balance'], trace['unit'])}; records {describe_counts(trace)}"


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
    files = sorted(file for file in path.rglob("[!.]*") if file.name.lower().endswith(SUFFIXES) and file.is_file())
    if not files:
        raise EedsError(f"{path} has no file whose name ends in {', '.join(SUFFIXES)}.")
    yield from files


def print_lines(lines: Iterable[str], *, err: bool) -> None:
    """Print lines above the progress bar."""
    with tqdm.external_write_mode():
        for line in lines:
            click.echo(line, err=err)
