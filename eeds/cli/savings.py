"""`eeds savings`: what projects have saved, as a table on the terminal or as a file."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click
import msgspec

from eeds.cli.downloads import answer_to, require_directory, save
from eeds.cli.project_options import BY, named_by_filter, some_projects
from eeds.cli.remote import remote
from eeds.client import Client
from eeds.exports.kinds import CSV, FORMATS, MEDIA_TYPES
from eeds.formats.media_types import JSON

BINARY = tuple(format for format in FORMATS if format != CSV)
HEADINGS = ("project", "fuel", "kind", "saved kWh", "lower", "upper", "percent", "")
NUMBERS = range(3, 7)  # the columns of numbers
NOTHING = "No savings are known of these projects: none of them has a result. Run the meter: eeds run-meters"
STALE = "stale: its input has changed"


@click.command()
@click.option("--all", "every", is_flag=True, help="All projects that you can see, as without any of these.")
@some_projects
@click.option("--format", type=click.Choice(FORMATS), help="Default: what the suffix of the file says, else csv.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Put it there.")
@click.option("--json", "as_json", is_flag=True, help="The rows as the API has them.")
@remote
def savings(
    client: Client,
    every: bool,
    selection: Mapping[str, Any],
    format: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Show what projects have saved, with bounds: of the latest result of each, by fuel and kind.

    A table for people, unless --format, --output or --json is given.
    """
    if every and selection:
        raise click.UsageError(f"Say which projects: --all, or one of {BY}.")
    if as_json and (format or output):
        raise click.UsageError("--json writes to the terminal; for a file leave it out.")
    require_directory(output)
    chosen = {name: str(value) for name, value in named_by_filter(selection).items()}
    if output is not None:
        click.echo(f"Savings: {download(client, chosen, format or format_of(output), output)}")
    elif format in BINARY:
        raise click.UsageError(f"{format} is not for a terminal; say where to put it with --output FILE.")
    elif format == CSV or as_json:
        kind = JSON if as_json else MEDIA_TYPES[CSV]
        click.echo(client.read("savings/", kind, **chosen).decode(), nl=as_json)
    else:
        click.echo("\n".join(lines_of(msgspec.json.decode(client.read("savings/", JSON, **chosen)))))


def format_of(output: Path) -> str:
    """The format that the suffix of a file names, CSV for any other."""
    suffix = output.suffix.removeprefix(".").lower()
    return suffix if suffix in FORMATS else CSV


def download(client: Client, chosen: Mapping[str, str], format: str, output: Path) -> Path:
    """Write the file; where it is."""
    with answer_to(client, f"savings/?{urlencode({**chosen, 'format': format})}") as response:
        return save(response, output, None)


def lines_of(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The table."""
    if not rows:
        yield NOTHING
        return
    cells = [HEADINGS, *map(cells_of, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        aligned = (
            cell.rjust(width) if number in NUMBERS else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(aligned).rstrip()


def cells_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells of a row, as people read them."""
    energies = ("–" if row[name] is None else f"{row[name]:,.0f}" for name in ("value", "lower", "upper"))
    percent = "–" if row["percent"] is None else f"{row['percent']:.1f} %"
    fuel = row["fuel"].replace("_", " ").lower()
    return row["project_id"], fuel, row["kind"], *energies, percent, STALE if row["stale_since"] else ""
