"""The options of commands that are about some projects: by ids, names, a block, a group, or a filter."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import click

Command = Callable[..., None]

BY = "--projects 1+3-5, --project NAME, --block ID, --group NAME or --filter JSON"
Projects = click.option("--projects", metavar="1+3-5", help="Ids of projects, and ranges of ids.")
Names = click.option(
    "--project", "names", multiple=True, metavar="NAME", help="A project_id; may be given several times."
)
Block = click.option("--block", type=int, metavar="ID", help="The projects of a block.")
Group = click.option("--group", metavar="NAME", help="The projects of a group, by its name or id.")
Filter = click.option("--filter", metavar="JSON", help='The projects that meet a filter, as {"zipcode": "50321"}.')


def named_by_filter(selection: Mapping[str, Any]) -> dict[str, Any]:
    """A selection as a query string has it, which knows names as a field of filters."""
    if "project_names" not in selection:
        return dict(selection)
    return {"filter": json.dumps({"project_id": {"in": selection["project_names"]}})}


def some_projects(command: Command) -> Command:
    """Give a command these options, and their meaning as `selection`: one member of a body of the API, or none.

    Raises UsageError for several of them.
    """

    @Projects
    @Names
    @Block
    @Group
    @Filter
    @wraps(command)
    def with_selection(
        *before: Any,
        projects: str | None,
        names: tuple[str, ...],
        block: int | None,
        group: str | None,
        filter: str | None,
        **arguments: Any,
    ) -> None:
        given = {
            "projects": projects,
            "project_names": list(names) or None,
            "project_block": block,
            "group": group,
            "filter": filter,
        }
        selection = {name: value for name, value in given.items() if value is not None}
        if len(selection) > 1:
            raise click.UsageError(f"Say which projects by one of {BY}.")
        command(*before, selection=selection, **arguments)

    return with_selection
