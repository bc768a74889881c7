"""`eeds attribute`: the keys of attributes, which say what an attribute is called and which type its values have."""

from collections.abc import Mapping
from typing import Any

import click

from eeds.cli.remote import remote
from eeds.client import Client
from eeds.errors import EedsError


@click.group()
def attribute() -> None:
    """Attributes of projects, by name. Values are set by eeds project edit and eeds upload projects."""


@attribute.command("list")
@remote
def list_attributes(client: Client) -> None:
    """All attributes that your projects may have: name, type, display name."""
    for key in client.get("project_attribute_keys/"):
        click.echo(f"{key['name']}\t{key['data_type']}\t{key['display_name']}")


@attribute.command("rename")
@click.argument("name")
@click.argument("new", metavar="NEW_NAME")
@click.option("--display-name", help="Another name for people; default: the one that it has.")
@remote
def rename(client: Client, name: str, new: str, display_name: str | None) -> None:
    """Give an attribute another name; all values stay."""
    key = find_key(client, name)
    shown = {} if display_name is None else {"display_name": display_name}
    client.patch(f"project_attribute_keys/{key['id']}/", {"name": new, **shown})
    click.echo(f"Renamed attribute {name} to {new}.")


@attribute.command("delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Without being asked.")
@remote
def delete(client: Client, name: str, yes: bool) -> None:
    """Delete an attribute with the values that projects have of it."""
    key = find_key(client, name)
    said = f"attribute {name} with its values in {len(client.get('project_attributes/', key=str(key['id'])))} projects"
    if not yes:
        click.confirm(f"Delete {said}?", abort=True)
    client.delete(f"project_attribute_keys/{key['id']}/")
    click.echo(f"Deleted {said}.")


def find_key(client: Client, name: str) -> Mapping[str, Any]:
    """The key of that name; raises EedsError if there is none, or several."""
    found: list[Mapping[str, Any]] = client.get("project_attribute_keys/", name=name)
    if not found:
        raise EedsError(f"There is no attribute {name} that you can see; see: eeds attribute list")
    if len(found) > 1:
        raise EedsError(f"Several project owners have an attribute {name}; use a token of the one that is meant.")
    return found[0]
