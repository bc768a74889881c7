"""`eeds project edit`, `eeds project delete`: one project, by its name or id."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from eeds.cli.remote import remote
from eeds.client import Client
from eeds.errors import EedsError
from eeds.formats.values import parse_int

PERIODS = ("baseline_period_start", "baseline_period_end", "reporting_period_start", "reporting_period_end")
TIME = "ISO"


@click.group()
def project() -> None:
    """Projects, one at a time; for many see eeds upload projects."""


@project.command("edit")
@click.argument("name", metavar="NAME_OR_ID")
@click.option("--rename", "project_id", metavar="NAME", help="Another project_id.")
@click.option("--zipcode", help="Of the place; empty for none.")
@click.option("--baseline-start", "baseline_period_start", metavar=TIME, help="A day or an instant; empty for none.")
@click.option("--baseline-end", "baseline_period_end", metavar=TIME, help="Likewise.")
@click.option("--reporting-start", "reporting_period_start", metavar=TIME, help="Likewise.")
@click.option("--reporting-end", "reporting_period_end", metavar=TIME, help="Likewise.")
@click.option("--attribute", "attributes", multiple=True, metavar="NAME=VALUE", help="Without a VALUE: remove it.")
@remote
def edit(client: Client, name: str, attributes: Sequence[str], **fields: str | None) -> None:
    """Change what is given of a project, and leave the rest."""
    changes: dict[str, Any] = {
        field: in_body(field, text.strip()) for field, text in fields.items() if text is not None
    }
    if attributes:
        changes["attribute_values"] = dict(map(name_and_value, attributes))
    if not changes:
        raise click.UsageError("Say what to change, as --zipcode or --attribute NAME=VALUE.")
    found = find_project(client, name)
    changed = client.patch(f"projects/{found['id']}/", changes)
    click.echo(f"Changed project {changed['project_id']} (id {changed['id']}).")


@project.command("delete")
@click.argument("name", metavar="NAME_OR_ID")
@click.option("--yes", is_flag=True, help="Without being asked.")
@remote
def delete(client: Client, name: str, yes: bool) -> None:
    """Delete a project with its traces, readings, runs, results and attributes."""
    found = find_project(client, name)
    counts = client.get(f"projects/{found['id']}/belongings/")
    said = f"project {found['project_id']} (id {found['id']}) with {in_words(counts)}"
    if not yes:
        click.confirm(f"Delete {said}?", abort=True)
    client.delete(f"projects/{found['id']}/")
    click.echo(f"Deleted {said}.")


def in_body(field: str, text: str) -> str | None:
    """A field as the API takes it: null for an empty one, the first second (UTC) of a day."""
    if field == "project_id":
        return text
    return f"{text}T00:00:00Z" if text and field in PERIODS and ":" not in text else text or None


def name_and_value(text: str) -> tuple[str, str | None]:
    """NAME=VALUE; None where there is no value. Raises UsageError."""
    name, sign, value = text.partition("=")
    if not name.strip() or not sign:
        raise click.UsageError(f"--attribute {text}: write NAME=VALUE, or NAME= to remove it.")
    return name.strip(), value.strip() or None


def find_project(client: Client, name: str) -> Mapping[str, Any]:
    """The project of that name, else of that id; raises EedsError if there is none, or several."""
    found = {each["id"]: each for each in client.get("projects/", project_id=name)}
    id = parse_int(name)
    if id is not None:
        found |= {each["id"]: each for each in client.get("projects/", projects=str(id))}
    if not found:
        raise EedsError(f"There is no project {name} that you can see.")
    if len(found) > 1:
        choices = ", ".join(f"{each['project_id']} (id {each['id']})" for each in found.values())
        raise EedsError(f"{name} may be any of several projects: {choices}. Say which by what only that one has.")
    return next(iter(found.values()))


def in_words(counts: Mapping[str, int]) -> str:
    """What goes with the project; the blocks that it is in stay."""
    return ", ".join(f"{counts[name]:,} {name}" for name in ("traces", "readings", "runs", "results", "attributes"))
