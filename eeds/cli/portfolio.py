"""`eeds portfolio`: what projects have saved together, as a table on the terminal or as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
import msgspec

from eeds.cli.project_options import BY, some_projects
from eeds.cli.remote import remote
from eeds.cli.tables import MISSING, aligned, fuel_name
from eeds.client import Client

HEADINGS = ("fuel", "of", "projects", "metered", "lower", "upper", "percent", "FSU", "normal year", "realization")


@click.command()
@click.option("--all", "every", is_flag=True, help="All projects that you can see, as without any of these.")
@some_projects
@click.option("--unit", default="kWh", show_default=True, help="kWh, MWh, therm, MMBtu, GJ ...")
@click.option("--group-by", metavar="NAME", help="The name of an attribute, as contractor; or month.")
@click.option("--allow-stale", is_flag=True, help="Count results whose data have changed since.")
@click.option("--name", help="Keep the sums as an aggregation of this name.")
@click.option("--json", "as_json", is_flag=True, help="As the API has it.")
@remote
def portfolio(
    client: Client,
    every: bool,
    selection: Mapping[str, Any],
    unit: str,
    group_by: str | None,
    allow_stale: bool,
    name: str | None,
    as_json: bool,
) -> None:
    """Add up what projects have saved, with bounds: of the latest result of each, where nothing speaks against it.

    Nothing is kept unless --name is given.
    """
    if every and selection:
        raise click.UsageError(f"Say which projects: --all, or one of {BY}.")
    body = {**(selection or {"projects": "all"}), "unit": unit, "allow_stale": allow_stale}
    body |= {"group_by": group_by} if group_by else {}
    body |= {"store": False} if name is None else {"name": name}
    made = client.post("aggregations/", body)
    click.echo(msgspec.json.encode(made).decode() if as_json else "\n".join(lines_of(made)))


def lines_of(made: Mapping[str, Any]) -> Iterator[str]:
    """What people read: how many projects count, a table, and why others do not."""
    result = made["result"]
    level = f"{100 * result['confidence_level']:g} %"
    yield f"{result['accepted']} of {result['projects']} projects, {result['unit']}, bounds at {level} confidence"
    if made["id"] is not None:
        yield f"kept as aggregation {made['id']}"
    yield ""
    yield from aligned([HEADINGS, *(row for fuel in result["fuels"] for row in rows_of(fuel))], texts=2)
    reasons = list(reasons_of(result))
    if reasons:
        yield from ("", "Rejected:", *reasons)


def rows_of(fuel: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    """A row for a fuel, for each of its groups, and for each month."""
    name = fuel_name(fuel["trace_interpretation"])
    yield sums_row(name, "all", fuel)
    for group in fuel.get("groups", ()):
        yield sums_row(name, "no value" if group["value"] is None else group["value"], group)
    for month in fuel.get("months", ()):
        numbers = (number(month[key]) for key in ("value", "lower", "upper"))
        yield name, month["month"], number(month["projects"]), *numbers, *[""] * 4


def sums_row(fuel: str, of: str, part: Mapping[str, Any]) -> Sequence[str]:
    """The row of the sums of a fuel or a group of it."""
    metered, normalized = (part[f"{kind}_savings"] or {} for kind in ("metered", "normalized"))
    return (
        fuel,
        of,
        number(part["accepted"]),
        *(number(metered.get(key)) for key in ("value", "lower", "upper")),
        percent(metered.get("percent")),
        number(metered.get("fsu"), 2),
        number(normalized.get("value")),
        number((part["realization"] or {}).get("rate"), 2),
    )


def number(value: float | None, digits: int = 0) -> str:
    """1,234"""
    return MISSING if value is None else f"{value:,.{digits}f}"


def percent(value: float | None) -> str:
    """12.3 %"""
    return MISSING if value is None else f"{value:.1f} %"


def reasons_of(result: Mapping[str, Any]) -> Iterator[str]:
    """A line for each fuel with what speaks against some of its projects."""
    parts = [
        ("", result["reasons"]),
        *((fuel_name(fuel["trace_interpretation"]), fuel["reasons"]) for fuel in result["fuels"]),
    ]
    for name, reasons in parts:
        if reasons:
            listed = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
            yield f"  {name}: {listed}" if name else f"  {listed}"
