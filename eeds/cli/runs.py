"""`eeds run-meters`, `eeds progress`: running the meter on many projects, and seeing how far that is."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import click
from tqdm import tqdm

from eeds.cli.remote import remote
from eeds.client import Client
from eeds.errors import EedsError
from eeds.tables import RUN_STATUSES

POLL_SECONDS = 1.0
LISTED = 20
# Without tqdm's own rate and time left: the server's count also what other workers do, and begin with the first run.
BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{postfix}"

Progress = Mapping[str, Any]

Projects = click.option("--projects", metavar="1+3-5", help="Ids of projects, and ranges of ids.")
Wait = click.option("--wait", is_flag=True, help="Until all have ended; exit status 1 if one failed.")


@click.command("run-meters")
@click.option("--all", "every", is_flag=True, help="All projects that you can see.")
@Projects
@click.option("--block", type=int, metavar="ID", help="The projects of a block.")
@Wait
@remote
def run_meters(client: Client, every: bool, projects: str | None, block: int | None, wait: bool) -> None:
    """Order a run of the meter for each of the projects."""
    if [every, projects is not None, block is not None].count(True) != 1:
        raise click.UsageError("Say which projects: --all, or --projects 1+3-5, or --block ID.")
    selection = {"project_block": block} if block is not None else {"projects": projects or "all"}
    answer = client.post("project_runs/bulk/", selection)
    click.echo(f"Ordered {answer['ordered']} runs.")
    problems = [in_words(refused) for refused in answer["refused"]]
    count = len(problems)
    if wait:
        found = follow(client, {"runs": answer["runs"]})
        problems += conclude(found)
        count += found["FAILED"]
    complain(count, problems)


@click.command()
@Projects
@Wait
@remote
def progress(client: Client, projects: str | None, wait: bool) -> None:
    """Count the latest run of each project by status."""
    selection = {"projects": projects} if projects else {}
    found = follow(client, selection) if wait else look(client, selection)
    problems = conclude(found)
    if wait:
        complain(found["FAILED"], problems)


def in_words(refused: Mapping[str, Any]) -> str:
    """Why a project has no run."""
    name = f"{refused['project_id']} (id {refused['project']})" if refused["project_id"] else refused["project"]
    return f"project {name}: {refused['message']}"


def look(client: Client, selection: Mapping[str, str]) -> Progress:
    """How far the runs are."""
    found: Progress = client.get("project_runs/progress/", **selection)
    return found


def follow(client: Client, selection: Mapping[str, str]) -> Progress:
    """How far the runs are when all have ended, with a progress bar until then."""
    found = look(client, selection)
    with tqdm(total=found["total"], desc="running the meter", bar_format=BAR, leave=False, disable=None) as bar:
        while found["PENDING"] + found["RUNNING"]:
            bar.set_postfix_str(outlook(found), refresh=False)
            bar.update(found["SUCCESS"] + found["FAILED"] - bar.n)
            time.sleep(POLL_SECONDS)
            found = look(client, selection)
    return found


def outlook(found: Progress) -> str:
    """What the bar says behind the counts."""
    failed = f"{found['FAILED']} FAILED, " if found["FAILED"] else ""
    if found["eta_seconds"] is None:
        return f"{failed}{found['RUNNING']} running"
    left = tqdm.format_interval(found["eta_seconds"])
    return f"{failed}{found['per_minute']:.0f} a minute, {left} left"


def conclude(found: Progress) -> list[str]:
    """Print how many runs have which status; why some failed."""
    click.echo(", ".join(f"{found[status]} {status}" for status in RUN_STATUSES))
    return [f"project {run['project']}, run {run['run']}: {run['message']}" for run in found["failures"]]


def complain(count: int, problems: Sequence[str]) -> None:
    """Raises EedsError if there are problems, with the first of them."""
    if count:
        listed = problems[:LISTED]
        more = [f"... and {count - len(listed)} more"] if count > len(listed) else []
        raise EedsError("\n  ".join([f"{count} projects have no result:", *listed, *more]))
