"""`?filter=` and `?group=`: lists of projects, of traces, and of what belongs to projects, chosen as groups choose."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, select

from eeds.db.tables import Project
from eeds.projects.filtering.condition import Members, filter_condition
from eeds.projects.filtering.language import parse_filter
from eeds.projects.groups import members_condition
from eeds.web.context import principal, session
from eeds.web.rest.filters import Filter

FILTER = (
    "A filter as a group has one, in JSON; all that meet it. A trace meets what its project meets, a project what one "
    "of its traces meets."
)
GROUP = "The members of this group, by its id or name."
EXAMPLE = {"type": "string", "examples": ['{"climate_zone": "5A"}']}


def chosen(members: Members) -> dict[str, Filter]:
    """The filters of a list of projects, or of traces."""

    def by_filter(text: str) -> ColumnElement[bool]:
        return filter_condition(session(), principal(), parse_filter(text), members)

    def by_group(which: str) -> ColumnElement[bool]:
        return members_condition(session(), principal(), which, members)

    return {"filter": last_of(by_filter, FILTER, EXAMPLE), "group": last_of(by_group, GROUP, {"type": "string"})}


def of_chosen_projects(project_id: Any) -> dict[str, Filter]:
    """The filters of a list of what belongs to projects, whose ids are in this column."""

    def belonging(filter: Filter) -> Filter:
        def condition(values: Any) -> ColumnElement[bool]:
            projects = select(Project.id).where(filter.condition(values)).correlate(None)
            belongs: ColumnElement[bool] = project_id.in_(projects)
            return belongs

        return Filter(condition, filter.description, filter.schema)

    return {name: belonging(filter) for name, filter in chosen(Project).items()}


def last_of(select: Callable[[str], ColumnElement[bool]], description: str, schema: dict[str, Any]) -> Filter:
    """A filter by the last of the values that were given."""
    return Filter(lambda values: select(values[-1]), description, schema)
