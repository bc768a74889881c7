"""`eeds restate`: by how much savings moved between two results or aggregations, and because of what."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from eeds.cli.remote import remote
from eeds.cli.tables import MISSING, aligned, fuel_name
from eeds.client import Client
from eeds.client.restatements import CAUSES

HEADINGS = ("kWh", "", "before", *CAUSES, "after")
NOTHING = "Neither has savings that could be compared."


@click.command()
@click.argument("before", type=int)
@click.argument("after", type=int)
@click.option("--aggregations", is_flag=True, help="BEFORE and AFTER are ids of aggregations, not of results.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, not as a table.")
@click.option("-o", "--output", type=click.File("wb"), metavar="FILE", help="What moved of each project, as CSV.")
@remote
def restate(client: Client, before: int, after: int, aggregations: bool, as_json: bool, output: Any) -> None:
    """Compare two results of a project, and say what moved the savings."""
    found = client.restate(before, after, kind="aggregations" if aggregations else "results")
    if output is not None:
        output.write(found.csv())
    click.echo(json.dumps(found.totals, indent=2) if as_json else "\n".join(table_of(found.totals)))


def table_of(totals: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    """What moved as lines: a row for every kind of savings, in kWh."""
    if not totals:
        return [NOTHING]
    return list(aligned([HEADINGS, *map(cells_of, totals)], texts=2))


def cells_of(total: Mapping[str, Any]) -> Sequence[str]:
    """The cells of a row: before, what moved it, after."""
    return fuel_name(total["trace_interpretation"]), total["method"], *(figure(total[name]) for name in HEADINGS[2:])


def figure(value: float | None) -> str:
    """kWh as people read them."""
    return MISSING if value is None else f"{value:,.1f}"
