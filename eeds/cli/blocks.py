"""`eeds block`: named selections of projects."""

from collections.abc import Mapping
from typing import Any

import click

from eeds.cli.remote import remote
from eeds.client import Client
from eeds.errors import EedsError
from eeds.formats.values import parse_int


@click.group()
def block() -> None:
    """Blocks, by their name or id. The portal makes them, of the projects that meet filters."""


@block.command("list")
@remote
def list_blocks(client: Client) -> None:
    """All blocks that you can see: id, name, number of projects."""
    for each in client.get("project_blocks/"):
        click.echo(f"{each['id']}\t{each['name']}\t{len(each['projects'])} projects")


@block.command("rename")
@click.argument("name", metavar="NAME_OR_ID")
@click.argument("new", metavar="NEW_NAME")
@remote
def rename(client: Client, name: str, new: str) -> None:
    """Give a block another name."""
    found = find_block(client, name)
    client.patch(f"project_blocks/{found['id']}/", {"name": new})
    click.echo(f"Renamed block {found['name']} to {new}.")


@block.command("add")
@click.argument("name", metavar="NAME_OR_ID")
@click.argument("projects", metavar="1+3-5")
@remote
def add(client: Client, name: str, projects: str) -> None:
    """Put projects into a block; those that are in it stay."""
    found = find_block(client, name)
    changed = client.post(f"project_blocks/{found['id']}/add/", {"projects": projects})["changed"]
    click.echo(f"Put {changed} projects into block {found['name']}.")


@block.command("remove")
@click.argument("name", metavar="NAME_OR_ID")
@click.argument("projects", metavar="1+3-5")
@remote
def remove(client: Client, name: str, projects: str) -> None:
    """Take projects out of a block."""
    found = find_block(client, name)
    changed = client.post(f"project_blocks/{found['id']}/remove/", {"projects": projects})["changed"]
    click.echo(f"Took {changed} projects out of block {found['name']}.")


@block.command("delete")
@click.argument("name", metavar="NAME_OR_ID")
@click.option("--yes", is_flag=True, help="Without being asked.")
@remote
def delete(client: Client, name: str, yes: bool) -> None:
    """Delete a block; its projects stay."""
    found = find_block(client, name)
    if not yes:
        click.confirm(f"Delete block {found['name']}? Its projects stay.", abort=True)
    client.delete(f"project_blocks/{found['id']}/")
    click.echo(f"Deleted block {found['name']}.")


def find_block(client: Client, name: str) -> Mapping[str, Any]:
    """The block of that name or id; raises EedsError if there is none, or several."""
    id = parse_int(name)
    blocks = client.get("project_blocks/", name_only="True")
    found: list[Mapping[str, Any]] = [each for each in blocks if each["name"] == name or each["id"] == id]
    if len(found) > 1:
        choices = ", ".join(f"{each['name']} (id {each['id']})" for each in found)
        raise EedsError(f"{name} may be any of several blocks: {choices}. Say which by what only that one has.")
    if not found:
        raise EedsError(f"There is no block {name} that you can see; see: eeds block list")
    return found[0]
