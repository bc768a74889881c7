"""`eeds savings`: what projects have saved, as a table on the terminal or as a file."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click
import msgspec

from eeds.cli.downloads import answer_to, format_of, require_directory, save
from eeds.cli.project_options import BY, named_by_filter, some_projects
from eeds.cli.remote import remote
from eeds.cli.tables import MISSING, aligned, fuel_name
from eeds.client import Client
from eeds.exports.kinds import CSV, FORMATS, MEDIA_TYPES
from eeds.formats.media_types import JSON

BINARY = tuple(format for format in FORMATS if format != CSV)
HEADINGS = ("project", "fuel", "kind", "saved kWh", "lower", "upper", "percent", "")
NOTHING = "No savings: there are no such projects, or none of them has a result. Run the meter: eeds run-meters"
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


def download(client: Client, chosen: Mapping[str, str], format: str, output: Path) -> Path:
    """Write the file; where it is."""
    with answer_to(client, f"savings/?{urlencode({**chosen, 'format': format})}") as response:
        return save(response, output, None)


def lines_of(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The table."""
    if not rows:
        yield NOTHING
        return
    yield from aligned([HEADINGS, *map(cells_of, rows)], texts=3)


def cells_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells of a row, as people read them."""
    energies = (MISSING if row[name] is None else f"{row[name]:,.0f}" for name in ("value", "lower", "upper"))
    percent = MISSING if row["percent"] is None else f"{row['percent']:.1f} %"
    return (
        row["project_id"],
        fuel_name(row["fuel"]),
        row["kind"],
        *energies,
        percent,
        STALE if row["stale_since"] else "",
    )
