"""Which projects a caller means: `all`, ids and ranges of ids as 1+3-5, a list of ids and names, a block, a group, or a
filter.

    selection = parse_selection("1+3-5")
    select(Project).where(selection.condition, visible(principal, Project))

A selection says nothing of whether the caller may see the projects, or whether there are any.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.project_names import NONE, SEVERAL, projects_named
from eeds.accounts.visibility import invisible_ids
from eeds.db.array_parameters import among
from eeds.db.tables import Project, ProjectBlockProject
from eeds.errors import Invalid
from eeds.formats.id_ranges import is_id_range, merge_id_ranges, split_id_ranges
from eeds.formats.messages import invalid_pk, not_a_pk
from eeds.formats.values import checked_text, parse_int
from eeds.projects.filtering.condition import filter_condition
from eeds.projects.filtering.language import parse_filter
from eeds.projects.groups import members_condition

WHICH = (
    "Say which projects by one of these: projects, as 1+3-5, a list of ids or all; project_names; project_block; "
    "group; or filter."
)
NO_PROJECTS = "There are no such projects."


@dataclass(frozen=True)
class Selection:
    """Some projects: the condition that they meet, and the ids given one by one, each of which has to exist."""

    condition: ColumnElement[bool]
    ids: frozenset[int] = frozenset()
    is_all: bool = False
    names: frozenset[str] = frozenset()  # project_ids, which the condition knows nothing of: see with_named
    field: str = "projects"  # what error messages are about

    def unknown(self, session: Session, principal: Principal) -> list[int]:
        """Those of `ids` that name no project the principal can see, ascending."""
        return sorted(invisible_ids(session, principal, Project, self.ids))

    def invalid(self, messages: list[str]) -> Invalid:
        """The error that says what is wrong with the selection."""
        return Invalid({self.field: messages})

    def require_all(self, session: Session, principal: Principal) -> None:
        """Raises Invalid with the ids that name no project the principal can see."""
        unknown = self.unknown(session, principal)
        if unknown:
            raise self.invalid([invalid_pk(id) for id in unknown])


ALL_PROJECTS = Selection(true(), is_all=True)


def parse_selection(value: Any) -> Selection:
    """The projects that a JSON value means; raises ValueError, whose text says what is wrong."""
    if value == "all":
        return ALL_PROJECTS
    if isinstance(value, str):
        parts = split_id_ranges(value)
        if not parts:
            raise ValueError(WHICH)
        ids = select_ids(*(part for part in parts if not is_id_range(part)))
        ranges = merge_id_ranges(parts)
        return Selection(or_(ids.condition, *(Project.id.between(low, high) for low, high in ranges)), ids.ids)
    if not isinstance(value, list):
        return select_ids(value)
    names = frozenset(checked_text(each) for each in value if isinstance(each, str) and parse_int(each) is None)
    ids = select_ids(*(each for each in value if not (isinstance(each, str) and each in names)))
    return replace(ids, names=names)


def select_names(names: Iterable[str]) -> Selection:
    """Projects by their names alone, for `with_named`."""
    return replace(select_ids(), names=frozenset(names), field="project_names")


def with_named(session: Session, principal: Principal, selection: Selection) -> Selection:
    """The selection with the projects that it has by their names. Raises Invalid for names that no project which the
    principal can see has, or several."""
    found = projects_named(session, principal, selection.names)
    problems = [
        (SEVERAL if name in found else NONE).format(name)
        for name in sorted(selection.names)
        if len(found.get(name, ())) != 1
    ]
    if problems:
        raise selection.invalid(problems)
    if not selection.names:
        return selection
    ids = selection.ids.union(*found.values())
    return replace(selection, condition=or_(selection.condition, among(Project.id, ids)), ids=ids, names=frozenset())


def select_ids(*values: Any) -> Selection:
    """Projects by their ids, numbers or texts; raises ValueError for one that cannot be an id."""
    ids = set()
    for value in values:
        id = parse_int(value)
        if id is None:
            raise ValueError(not_a_pk(value))
        ids.add(id)
    return Selection(among(Project.id, ids), frozenset(ids))


def select_block(id: int) -> Selection:
    """The projects of a block that the caller is known to see."""
    members = select(ProjectBlockProject.project_id).where(ProjectBlockProject.project_block_id == id)
    return Selection(Project.id.in_(members), field="project_block")


def select_group(session: Session, principal: Principal, group: Any) -> Selection:
    """The projects of a group, by its id or name; raises Invalid."""
    return Selection(members_condition(session, principal, group), field="group")


def select_filter(session: Session, principal: Principal, value: Any) -> Selection:
    """The projects that meet a filter, JSON or its text; raises Invalid."""
    return Selection(filter_condition(session, principal, parse_filter(value)), field="filter")
