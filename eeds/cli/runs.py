"""`eeds run-meters`, `eeds progress`: running the meter on many projects, and seeing how far that is."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
from tqdm import tqdm

from eeds.cli.remote import remote
from eeds.client import ApiError, Client
from eeds.errors import EedsError
from eeds.tables import RUN_STATUSES

POLL_SECONDS = 1.0
LISTED = 20
UNFINISHED = frozenset({"PENDING", "RUNNING"})

Run = Mapping[str, Any]

Projects = click.option("--projects", metavar="1+3-5", help="Ids of projects, and ranges of ids.")
Wait = click.option("--wait", is_flag=True, help="Until all have ended; exit status 1 if one failed.")


@click.command("run-meters")
@click.option("--all", "every", is_flag=True, help="All projects that you can see.")
@Projects
@Wait
@remote
def run_meters(client: Client, every: bool, projects: str | None, wait: bool) -> None:
    """Order a run of the meter for each of the projects."""
    if every == bool(projects):
        raise click.UsageError("Say which projects: --all, or --projects 1+3-5.")
    selection = selected(projects)
    found = client.get("projects/", **selection)
    if not found:
        raise EedsError("There are no such projects.")
    ordered, refused = order(client, found)
    click.echo(f"Ordered {len(ordered)} runs.")
    if wait and ordered:
        refused += conclude(
            follow(lambda: [run for run in client.get("project_runs/", **selection) if run["id"] in ordered])
        )
    complain(refused)


@click.command()
@Projects
@Wait
@remote
def progress(client: Client, projects: str | None, wait: bool) -> None:
    """Count the latest run of each project by status."""

    def latest() -> Sequence[Run]:
        runs = client.get("project_runs/", **selected(projects))
        return list({run["project"]: run for run in runs}.values())

    failed = conclude(follow(latest) if wait else latest())
    if wait:
        complain(failed)


def selected(projects: str | None) -> dict[str, str]:
    """The query parameters that select projects, or all."""
    return {"projects": projects} if projects else {}


def order(client: Client, projects: Sequence[Mapping[str, Any]]) -> tuple[set[int], list[str]]:
    """The ids of the new runs, one a project, and why some could not be ordered."""
    ordered: set[int] = set()
    refused: list[str] = []
    for project in tqdm(projects, desc="ordering runs", unit=" projects", leave=False, disable=None):
        try:
            ordered.add(client.post("project_runs/", {"project": project["id"]})["id"])
        except ApiError as error:
            if error.status != 400:
                raise
            refused.append(f"project {project['project_id']} (id {project['id']}): {error}")
    return ordered, refused


def follow(fetch: Callable[[], Sequence[Run]]) -> Sequence[Run]:
    """The runs when all have ended, with a progress bar until then."""
    runs = fetch()
    with tqdm(total=len(runs), desc="running the meter", unit=" runs", leave=False, disable=None) as bar:
        while unfinished := sum(run["status"] in UNFINISHED for run in runs):
            bar.update(len(runs) - unfinished - bar.n)
            time.sleep(POLL_SECONDS)
            runs = fetch()
    return runs


def conclude(runs: Sequence[Run]) -> list[str]:
    """Print how many runs have which status; why some failed."""
    counts = Counter(run["status"] for run in runs)
    click.echo(", ".join(f"{counts[status]} {status}" for status in RUN_STATUSES))
    return [
        f"project {run['project']}, run {run['id']}: {(run['traceback'] or '').partition(chr(10))[0]}"
        for run in runs
        if run["status"] == "FAILED"
    ]


def complain(problems: Sequence[str]) -> None:
    """Raises EedsError with the problems, if there are some."""
    if problems:
        more = [f"... and {len(problems) - LISTED} more"] if len(problems) > LISTED else []
        raise EedsError("\n  ".join([f"{len(problems)} projects have no result:", *problems[:LISTED], *more]))
