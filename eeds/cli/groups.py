"""`eeds group`: filters saved under a name."""

import json
from collections.abc import Mapping
from typing import Any

import click

from eeds.cli.remote import remote
from eeds.client import Client
from eeds.client.errors import Refused
from eeds.errors import EedsError
from eeds.formats.values import parse_int


@click.group()
def group() -> None:
    """Groups, by their name or id: filters under a name, whose members are whatever meets them."""


@group.command("list")
@remote
def list_groups(client: Client) -> None:
    """All groups that you can see: id, name, number of members, state, filter."""
    for each in client.get("groups/"):
        members = members_of(client, each)
        state = f"frozen {each['frozen']}" if each["frozen"] else "live"
        filter = json.dumps(each["filter"], ensure_ascii=False)
        click.echo(f"{each['id']}\t{each['name']}\t{members}\t{state}\t{filter}")


def members_of(client: Client, group: Mapping[str, Any]) -> str:
    """How many members a group has, or why that is not known: its filter may name what has been deleted since."""
    try:
        counted = client.get(f"groups/{group['id']}/count/")
    except Refused as error:
        return f"unknown number of {group['members']}: {error.detail}"
    return f"{counted['count']} {group['members']}"


@group.command("create")
@click.argument("name")
@click.argument("filter", metavar="JSON")
@click.option("--traces", is_flag=True, help="A group of traces, not of projects.")
@remote
def create(client: Client, name: str, filter: str, traces: bool) -> None:
    """Save a filter, as '{"climate_zone": "5A"}', under a name."""
    try:
        meant = json.loads(filter)
    except ValueError as error:
        raise click.BadParameter(f"{filter} is no JSON: {error}", param_hint="JSON") from error
    made = client.post("groups/", {"name": name, "filter": meant, "members": "traces" if traces else "projects"})
    click.echo(f"Made group {name} (id {made['id']}).")


@group.command("freeze")
@click.argument("name", metavar="NAME_OR_ID")
@remote
def freeze(client: Client, name: str) -> None:
    """Let a group keep the members that it has now."""
    found = find_group(client, name)
    client.post(f"groups/{found['id']}/freeze/", None)
    click.echo(f"Group {found['name']} keeps the members that it has now.")


@group.command("live")
@click.argument("name", metavar="NAME_OR_ID")
@remote
def live(client: Client, name: str) -> None:
    """Let a frozen group have whatever meets its filter again."""
    found = find_group(client, name)
    client.post(f"groups/{found['id']}/live/", None)
    click.echo(f"Group {found['name']} is live.")


@group.command("rename")
@click.argument("name", metavar="NAME_OR_ID")
@click.argument("new", metavar="NEW_NAME")
@remote
def rename(client: Client, name: str, new: str) -> None:
    """Give a group another name."""
    found = find_group(client, name)
    client.patch(f"groups/{found['id']}/", {"name": new})
    click.echo(f"Renamed group {found['name']} to {new}.")


@group.command("delete")
@click.argument("name", metavar="NAME_OR_ID")
@click.option("--yes", is_flag=True, help="Without being asked.")
@remote
def delete(client: Client, name: str, yes: bool) -> None:
    """Delete a group; its members stay."""
    found = find_group(client, name)
    if not yes:
        click.confirm(f"Delete group {found['name']}? Its {found['members']} stay.", abort=True)
    client.delete(f"groups/{found['id']}/")
    click.echo(f"Deleted group {found['name']}.")


def find_group(client: Client, name: str) -> Mapping[str, Any]:
    """The group of that name or id (no name is a number); raises EedsError if there is none, or several."""
    id = parse_int(name)
    groups = client.get("groups/") if id is not None else client.get("groups/", name=name)
    found: list[Mapping[str, Any]] = [each for each in groups if id is None or each["id"] == id]
    if not found:
        raise EedsError(f"There is no group {name} that you can see; see: eeds group list")
    if len(found) > 1:
        ids = ", ".join(str(each["id"]) for each in found)
        raise EedsError(f"Several owners have a group {name}: say which by its id, one of {ids}.")
    return found[0]
