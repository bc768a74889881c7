"""`eeds run-meters`, `eeds progress`: running the meter on many projects, and seeing how far that is."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from eeds.cli.meter_settings import given_settings
from eeds.cli.project_options import BY, named_by_filter, some_projects
from eeds.cli.remote import remote
from eeds.client import Client
from eeds.client.progress import Progress, follow, look
from eeds.errors import EedsError
from eeds.jobs.status import FAILED, STATUSES

LISTED = 20
EXIT_CANCELLED = 3

Wait = click.option(
    "--wait",
    is_flag=True,
    help="Until all have ended; exit status 1 if one failed, 3 if none failed but one was cancelled.",
)


@click.command("run-meters")
@click.option("--all", "every", is_flag=True, help="All projects that you can see.")
@some_projects
@given_settings
@click.option("--stale", is_flag=True, help="Only where the latest result is stale, with the settings it has.")
@Wait
@remote
def run_meters(
    client: Client, every: bool, selection: Mapping[str, Any], settings: Mapping[str, Any], stale: bool, wait: bool
) -> None:
    """Request a run of the meter for each of the projects."""
    if (every and selection) or not (every or selection or stale):
        raise click.UsageError(f"Say which projects: --all, or one of {BY}.")
    how = {**({"stale": True} if stale else {}), **({"meter_settings": settings} if settings else {})}
    answer = client.post("project_runs/bulk/", {**(selection or {"projects": "all"}), **how})
    click.echo(f"Ordered {answer['ordered']} runs.")
    problems = [describe_refusal(refused) for refused in answer["refused"]]
    count = len(problems)
    counts = None
    if wait and answer["ordered"]:
        counts = follow(client, {"runs": answer["runs"]})
        problems += report_counts(counts)
        count += failed_of(counts)
    raise_problems(count, problems)
    if counts:
        exit_if_cancelled(counts)


@click.command()
@some_projects
@Wait
@remote
def progress(client: Client, selection: Mapping[str, Any], wait: bool) -> None:
    """Count the latest run of each project by status."""
    query = query_of(selection)
    counts = follow(client, query) if wait else look(client, query)
    problems = report_counts(counts)
    if wait:
        raise_problems(failed_of(counts), problems)
        exit_if_cancelled(counts)


def failed_of(counts: Progress) -> int:
    """How many runs failed by themselves, and were not cancelled."""
    failed: int = counts["FAILED"] - counts["cancelled"]
    return failed


def query_of(selection: Mapping[str, Any]) -> dict[str, str]:
    """A selection as a query string has it, which knows blocks as a field of filters, too."""
    if "project_block" in selection:
        return {"filter": json.dumps({"block": selection["project_block"]})}
    return named_by_filter(selection)


def describe_refusal(refused: Mapping[str, Any]) -> str:
    """Why a project has no run."""
    name = f"{refused['project_id']} (id {refused['project']})" if refused["project_id"] else refused["project"]
    return f"project {name}: {refused['message']}"


def report_counts(counts: Progress) -> list[str]:
    """Print how many runs have which status; returns why some failed."""
    words = {**{status: counts[status] for status in STATUSES}, FAILED: failed_of(counts)}
    if counts["cancelled"]:
        words["CANCELLED"] = counts["cancelled"]
    click.echo(", ".join(f"{number} {word}" for word, number in words.items()))
    for reason in counts["waiting"]:
        click.echo(f"  {reason['runs']} PENDING: waiting for {reason['waiting_for']}")
    return [f"project {run['project']}, run {run['run']}: {run['message']}" for run in counts["failures"]]


def exit_if_cancelled(counts: Progress) -> None:
    """End with exit status EXIT_CANCELLED if runs were cancelled."""
    if counts["cancelled"]:
        raise click.exceptions.Exit(EXIT_CANCELLED)


def raise_problems(count: int, problems: Sequence[str]) -> None:
    """Raises EedsError if there are problems, with the first of them."""
    if count:
        listed = problems[:LISTED]
        more = [f"... and {count - len(listed)} more"] if count > len(listed) else []
        raise EedsError("\n  ".join([f"{count} projects have no result:", *listed, *more]))
