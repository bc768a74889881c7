"""`eeds export`: results, savings, months, diagnostics or records as a file on this machine."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from eeds.cli.downloads import answer_to, format_of, name_in, require_directory, save
from eeds.cli.lazy_commands import LazyGroup, Section
from eeds.cli.project_options import some_projects
from eeds.cli.remote import remote
from eeds.client import Client
from eeds.errors import EedsError
from eeds.exports.kinds import DIAGNOSTICS, FORMATS, KINDS, MONTHS, RECORDS, RESULTS, SAVINGS
from eeds.jobs.status import FAILED, PENDING, UNFINISHED

POLL_SECONDS = 0.5
Command = Callable[..., None]


BUILT = Section(
    "Files that a server builds, named by --url and --token",
    {
        RESULTS: ("eeds.cli.export", "What the runs of projects have found."),
        SAVINGS: ("eeds.cli.export", "What was saved, a row for each project, fuel and kind."),
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
    """Results, savings, months, diagnostics, records or the meter's input as files on this machine."""


def download_command(kind: str) -> click.Command:
    """The command that has files of a kind built by the server."""

    @click.command(kind)
    @some_projects
    @of_records(kind)
    @click.option("--every-result", is_flag=True, help="Not only the latest result of each project.")
    @click.option("--format", type=click.Choice(FORMATS), help="Default: what the suffix of the file says, else csv.")
    @click.option(
        "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to put it."
    )
    @remote
    def command(
        client: Client,
        selection: Mapping[str, Any],
        every_result: bool,
        format: str | None,
        output: Path | None,
        as_of: str | None = None,
    ) -> None:
        """Have a file built by the server, and download it: of all projects that you can see, unless some are named."""
        require_directory(output)
        order = {"kind": kind, "format": format or format_of(output), "every_result": every_result, "as_of": as_of}
        requested = client.post("exports/", {**order, **selection})
        built = await_file(client, requested)
        file = download(client, built, output)
        click.echo(f"{built['rows_total']} rows, {built['bytes']} bytes: {file}")

    return command


def of_records(kind: str) -> Callable[[Command], Command]:
    """The option that only records have."""
    help = "As they were stored at this time, as 2026-05-01T12:00:00Z."
    return click.option("--as-of", metavar="TIME", help=help) if kind == RECORDS else lambda command: command


results, savings, months, diagnostics, records = map(download_command, KINDS)


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
    with answer_to(client, f"exports/{built['id']}/file/") as response:
        return save(response, output or Path(name_in(response)), built["bytes"])
