"""The filters of projects in query strings, see eeds.projects.filters, and what their form offers."""

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from eeds.projects.attributes import keys_in_use
from eeds.projects.filters import FilteredProjects, filter_projects
from eeds.projects.groups import list_blocks
from eeds.web.context import principal, session

Args = MultiDict[str, str]  # a query string


def selection(args: Args) -> FilteredProjects:
    """The projects that a query string asks for."""
    return filter_projects(session(), principal(), args)


@dataclass(frozen=True)
class Choices:
    """What the form of the filters offers: ids and names."""

    blocks: Sequence[tuple[int, str]]
    keys: Sequence[tuple[int, str]]


def choices() -> Choices:
    """The caller's blocks, and the attributes that the caller's projects have."""
    return Choices(
        [(block.id, block.name) for block in list_blocks(session(), principal())],
        [(key.id, key.display_name) for key in keys_in_use(session(), principal())],
    )
