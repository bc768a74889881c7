"""`eeds runs`: cancelling and retrying many runs."""

from collections.abc import Mapping
from typing import Any

import click

from eeds.cli.project_options import BY, some_projects
from eeds.cli.remote import remote
from eeds.client import Client
from eeds.errors import EedsError

LISTED = 20

Every = click.option("--all", "every", is_flag=True, help="Those of all projects that you can see.")
Runs = click.option("--runs", metavar="7-9+11", help="Ids of runs, and ranges of ids.")


@click.group()
def runs() -> None:
    """Runs of the meter that are there: cancel them, or have them tried again."""


@runs.command()
@Every
@some_projects
@Runs
@click.option("--waiting", is_flag=True, help="Only those that are PENDING; those being computed go on.")
@remote
def cancel(client: Client, every: bool, selection: Mapping[str, Any], runs: str | None, waiting: bool) -> None:
    """Cancel runs that have not ended: those of the projects, or some by their ids."""
    report(
        client.post("project_runs/bulk/cancel/", {**chosen(every, selection, runs), "waiting_only": waiting}),
        "Cancelled",
    )


@runs.command()
@Every
@some_projects
@Runs
@remote
def retry(client: Client, every: bool, selection: Mapping[str, Any], runs: str | None) -> None:
    """Have runs that FAILED tried again: the latest of each project unless it was cancelled, or some by their ids."""
    report(client.post("project_runs/bulk/retry/", chosen(every, selection, runs)), "Retried")


def chosen(every: bool, selection: Mapping[str, Any], runs: str | None) -> Mapping[str, Any]:
    """Which runs are meant, as a body of the API says it; raises UsageError unless that is said in one way."""
    given = [*([{"projects": "all"}] if every else []), *([selection] if selection else [])]
    given += [{"runs": runs}] if runs is not None else []
    if len(given) != 1:
        raise click.UsageError(f"Say which runs: --all, --runs 7-9+11, or one of {BY}.")
    return given[0]


def report(answer: Mapping[str, Any], word: str) -> None:
    """Print what became of the runs; raises EedsError with those that were named and stay as they were."""
    click.echo(f"{word} {answer['changed']} runs{': ' if answer['runs'] else '.'}{answer['runs']}")
    refused = answer["refused"]
    if refused:
        more = [f"... and {len(refused) - LISTED} more"] if len(refused) > LISTED else []
        lines = [f"run {each['run']}: {each['message']}" for each in refused[:LISTED]]
        raise EedsError("\n  ".join([f"{len(refused)} runs stay as they were:", *lines, *more]))
