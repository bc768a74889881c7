"""`eeds export`: results, months, diagnostics or records as a file on this machine."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import requests
from tqdm import tqdm

from eeds.cli.lazy_commands import LazyGroup, Section
from eeds.cli.remote import remote
from eeds.cli.runs import Block, Projects
from eeds.client import Client, NoAnswer
from eeds.client.http import ANSWER_SECONDS, CONNECT_SECONDS
from eeds.errors import EedsError
from eeds.exports.kinds import CSV, DIAGNOSTICS, FORMATS, KINDS, MONTHS, RECORDS, RESULTS
from eeds.jobs.status import FAILED, PENDING, UNFINISHED

POLL_SECONDS = 0.5
PIECE_BYTES = 256 * 1024
PART = ".part"  # behind the name of a file that is not whole


BUILT = Section(
    "Files that a server builds, named by --url and --token",
    {
        RESULTS: ("eeds.cli.export", "What the runs of projects have found."),
        MONTHS: ("eeds.cli.export", "Savings by calendar month."),
        DIAGNOSTICS: ("eeds.cli.export", "What there is of each project, and how its latest run went."),
        RECORDS: ("eeds.cli.export", "Readings."),
    },
)
WRITTEN = Section(
    "Files written from the datastore's own database, named by DATABASE_URL or EEDS_DATA_DIR",
    {"meter-input": ("eeds.server.commands.batch", "What the meter takes of projects, to compute it elsewhere.")},
)


@click.group(cls=LazyGroup, sections=(BUILT, WRITTEN))
def export() -> None:
    """Results, months, diagnostics, records or the meter's input as files on this machine."""


def download_command(kind: str) -> click.Command:
    """The command that has files of a kind built by the server."""

    @click.command(kind)
    @Projects
    @Block
    @click.option("--every-result", is_flag=True, help="Not only the latest result of each project.")
    @click.option("--format", type=click.Choice(FORMATS), default=CSV, show_default=True)
    @click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to put it.")
    @remote
    def command(
        client: Client, projects: str | None, block: int | None, every_result: bool, format: str, output: Path | None
    ) -> None:
        """Have a file built by the server, and download it: of all projects that you can see, unless some are named."""
        if projects is not None and block is not None:
            raise click.UsageError("Say which projects by --projects 1+3-5 or by --block ID, not by both.")
        if output is not None and not output.absolute().parent.is_dir():
            raise click.UsageError(f"There is no directory {output.parent}; make it, or give another --output.")
        selection = {"project_block": block} if block is not None else {"projects": projects or "all"}
        requested = client.post("exports/", {"kind": kind, "format": format, "every_result": every_result, **selection})
        built = await_file(client, requested)
        file = download(client, built, output)
        click.echo(f"{built['rows_total']} rows, {built['bytes']} bytes: {file}")

    return command


results, months, diagnostics, records = map(download_command, KINDS)


def await_file(client: Client, export: Mapping[str, Any]) -> Mapping[str, Any]:
    """The export when its file is there, with a progress bar until then; raises EedsError if there will be none."""
    with tqdm(desc=f"building {export['kind']}", unit=" rows", leave=False, disable=None) as bar:
        while export["status"] in UNFINISHED:
            time.sleep(POLL_SECONDS)
            export = client.get(f"exports/{export['id']}/")
            bar.total = export["rows_total"]
            bar.set_postfix_str("waits for a worker" if export["status"] == PENDING else "", refresh=False)
            bar.update(export["rows_done"] - bar.n)
    if export["status"] == FAILED:
        raise EedsError(f"Export {export['id']} failed: {export['message']}")
    return export


def download(client: Client, built: Mapping[str, Any], output: Path | None) -> Path:
    """Write the file, which has its name only when it is whole; where it is."""
    path = f"exports/{built['id']}/file/"
    with answer_to(client, path) as response:
        target = output or Path(name_in(response))
        try:
            write_whole(response, target, built["bytes"])
        except requests.RequestException:  # which is an OSError, too
            raise
        except OSError as error:
            raise EedsError(f"{target} cannot be written: {error.strerror or error}") from error
    return target


@contextmanager
def answer_to(client: Client, path: str) -> Iterator[requests.Response]:
    """The answer to a GET, to be read as it comes; raises ApiError, or NoAnswer also for one that breaks off."""
    timeout = CONNECT_SECONDS, ANSWER_SECONDS
    try:
        with client.session.get(f"{client.url}/api/v1/{path}", stream=True, timeout=timeout) as response:
            if response.status_code >= 300:
                raise client.error("GET", path, response)
            yield response
    except requests.exceptions.ChunkedEncodingError as error:
        raise NoAnswer(f"The download from {client.url} broke off; try again.") from error
    except requests.RequestException as error:
        raise NoAnswer(client.no_answer(error)) from error


def write_whole(response: requests.Response, target: Path, size: int) -> None:
    """Write what comes, with a progress bar, and leave nothing if not all of it does."""
    part = target.with_name(target.name + PART)
    try:
        with (
            part.open("wb") as file,
            tqdm(total=size, desc="downloading", unit="B", unit_scale=True, leave=False, disable=None) as bar,
        ):
            for piece in response.iter_content(PIECE_BYTES):
                file.write(piece)
                bar.update(len(piece))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def name_in(response: requests.Response) -> str:
    """What the server calls the file."""
    name = re.search(r'filename="([\w.-]+)"', response.headers["Content-Disposition"])
    assert name, "the server names its files"
    return name[1]
