"""`eeds restate`: by how much savings moved between two results or aggregations, and because of what."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from eeds.cli.remote import remote
from eeds.client import Client
from eeds.client.restatements import CAUSES


@click.command()
@click.argument("before", type=int)
@click.argument("after", type=int)
@click.option("--aggregations", is_flag=True, help="BEFORE and AFTER are ids of aggregations, not of results.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, not as a table.")
@click.option("--output", type=click.File("wb"), metavar="FILE", help="What moved of each project, as CSV.")
@remote
def restate(client: Client, before: int, after: int, aggregations: bool, as_json: bool, output: Any) -> None:
    """Compare two results of a project, and say what moved the savings."""
    found = client.restate(before, after, kind="aggregations" if aggregations else "results")
    if output is not None:
        output.write(found.csv())
    click.echo(json.dumps(found.totals, indent=2) if as_json else "\n".join(table_of(found.totals)))


def table_of(totals: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    """What moved as lines: a column for every kind of savings, in kWh."""
    names = [("", [f"{total['trace_interpretation']} {total['method']}" for total in totals])]
    rows = [(name, [figure(total[name]) for total in totals]) for name in ("before", *CAUSES, "after")]
    widths = [max(map(len, cells)) for cells in zip(*(cells for _, cells in names + rows), strict=True)]
    return [
        "  ".join([name.ljust(12), *(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))])
        for name, cells in names + rows
    ]


def figure(value: float | None) -> str:
    """kWh as people read them."""
    return "none" if value is None else f"{value:,.1f}"
