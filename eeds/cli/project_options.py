"""The options of commands that are about some projects: by ids, a block, a group, or a filter."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

Command = Callable[..., None]

BY = "--projects 1+3-5, --block ID, --group NAME or --filter JSON"
Projects = click.option("--projects", metavar="1+3-5", help="Ids of projects, and ranges of ids.")
Block = click.option("--block", type=int, metavar="ID", help="The projects of a block.")
Group = click.option("--group", metavar="NAME", help="The projects of a group, by its name or id.")
Filter = click.option("--filter", metavar="JSON", help='The projects that meet a filter, as {"zipcode": "50321"}.')


def some_projects(command: Command) -> Command:
    """Give a command these options, and their meaning as `selection`: one member of a body of the API, or none.

    Raises UsageError for several of them.
    """

    @Projects
    @Block
    @Group
    @Filter
    @wraps(command)
    def with_selection(
        *before: Any,
        projects: str | None,
        block: int | None,
        group: str | None,
        filter: str | None,
        **arguments: Any,
    ) -> None:
        given = {"projects": projects, "project_block": block, "group": group, "filter": filter}
        selection = {name: value for name, value in given.items() if value is not None}
        if len(selection) > 1:
            raise click.UsageError(f"Say which projects by one of {BY}.")
        command(*before, selection=selection, **arguments)

    return with_selection
