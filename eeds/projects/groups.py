"""Groups: selections of projects or of traces by a filter, saved under a name.

    group = create_group(session, principal, "Acme in 5A", PROJECTS, {"climate_zone": "5A"})
    select(Project).where(members_condition(session, principal, "Acme in 5A"), visible(principal, Project))

A live group has the members that meet its filter whenever it is used, a frozen one those that it had when it was
frozen. A group is its owner's: for an admin, too, it has the members that the owner sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, literal, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal, principal_of
from eeds.accounts.visibility import find_changeable, visible
from eeds.db.tables import ConsumptionMetadata, Group, GroupProject, GroupTrace, Project, ProjectOwner
from eeds.errors import Conflict, Invalid
from eeds.formats.values import checked_text, parse_int
from eeds.projects.filtering.condition import Members, filter_condition, lifted
from eeds.projects.filtering.language import json_of, parse_filter

PROJECTS, TRACES = "projects", "traces"
MEMBERS: Mapping[str, Members] = {PROJECTS: Project, TRACES: ConsumptionMetadata}
LINKS: Mapping[str, Any] = {PROJECTS: GroupProject.project_id, TRACES: GroupTrace.metadata_id}
MAX_NAME = 255
IS_FROZEN = "The group is frozen, with the members that it has; make it live before its filter or members change."


def members_condition(
    session: Session, principal: Principal, group: int | str, members: Members = Project
) -> ColumnElement[bool]:
    """The condition of the projects, or of the traces, of a group, by its id or name; see eeds.projects.filtering for
    a group of the others. Raises Invalid for a group that the caller may not see, and one whose filter asks for an
    attribute that there is no more."""
    return condition_of_group(session, principal, find_group(session, principal, group), members)


def list_groups(session: Session, principal: Principal) -> Sequence[Group]:
    """The groups that the caller may see, sorted by name."""
    groups = select(Group).where(visible(principal, Group)).order_by(func.lower(Group.name), Group.id)
    return session.scalars(groups).all()


@dataclass(frozen=True)
class CountedGroup:
    """A group, and how many members it has now; or why that cannot be said."""

    group: Group
    number: int | None
    why_unknown: str = ""


def counted_groups(session: Session, principal: Principal) -> list[CountedGroup]:
    """The same, each with how many members it has."""
    return [counted(session, principal, group) for group in list_groups(session, principal)]


def counted(session: Session, principal: Principal, group: Group) -> CountedGroup:
    """A group whose filter names an attribute that is no more has none that could be counted."""
    try:
        return CountedGroup(group, count_members(session, principal, group))
    except Invalid as error:
        return CountedGroup(group, None, str(error))


def find_group(session: Session, principal: Principal, group: int | str) -> Group:
    """A group by its id, or by its name: the caller's own before that of another owner. Raises Invalid."""
    id = parse_int(group)
    by = Group.id == id if id is not None else Group.name == storable(group)
    found = session.scalars(select(Group).where(by, visible(principal, Group)).order_by(Group.id)).all()
    own = [each for each in found if each.project_owner_id == principal.owner_id]
    chosen = own or found
    if not chosen:
        raise Invalid({"group": [f'There is no group "{group}" that you can see; give its id or its name.']})
    if len(chosen) > 1:
        ids = ", ".join(str(each.id) for each in chosen)
        raise Invalid({"group": [f'Several owners have a group "{group}": say which by its id, one of {ids}.']})
    return chosen[0]


def storable(name: Any) -> str:
    """The name as a text; raises Invalid for what none can be."""
    try:
        return checked_text(str(name))
    except ValueError as error:
        raise Invalid({"group": [str(error)]}) from error


def condition_of_group(
    session: Session, principal: Principal, group: Group, members: Members = Project
) -> ColumnElement[bool]:
    """The condition of the members of a group, or of the projects of its traces, or of the traces of its projects."""
    own = MEMBERS[group.members]
    condition = frozen_members(session, principal, group) if group.frozen else live_members(session, principal, group)
    return lifted(condition, own, members)


def frozen_members(session: Session, principal: Principal, group: Group) -> ColumnElement[bool]:
    """Those that are stored, but not what has been given to another owner since."""
    seen_by, link, members = owner_of_group(session, principal, group), LINKS[group.members], MEMBERS[group.members]
    stored = select(link).where(link.class_.group_id == group.id)
    return and_(members.id.in_(stored.correlate(None)), visible(seen_by, members))


def live_members(session: Session, principal: Principal, group: Group) -> ColumnElement[bool]:
    """Those that meet the filter, of what the group's owner sees."""
    seen_by, members = owner_of_group(session, principal, group), MEMBERS[group.members]
    try:
        condition = filter_condition(session, seen_by, parse_filter(group.filter), members)
    except Invalid as error:
        raise Invalid({"group": [f"Group {group.name}: {error}"]}) from error
    return and_(condition, visible(seen_by, members))


def owner_of_group(session: Session, principal: Principal, group: Group) -> Principal:
    """The owner of a group: the caller, or somebody whose groups the caller may see."""
    if group.project_owner_id == principal.owner_id:
        return principal
    user = select(ProjectOwner.user_id).where(ProjectOwner.id == group.project_owner_id)
    return principal_of(session, session.scalars(user).one())


def create_group(session: Session, principal: Principal, name: str, members: str, filter: Any) -> Group:
    """Save a filter under a name; `members` is PROJECTS or TRACES. Raises Invalid, for a filter with where it is wrong
    and what there is."""
    require_name(session, principal.owner_id, name)
    require_filter(session, principal, members, filter)
    group = Group(project_owner_id=principal.owner_id, name=name, members=members, filter=json_of(filter))
    session.add(group)
    session.flush()
    return group


def change_group(session: Session, principal: Principal, id: int, changes: Mapping[str, Any]) -> None:
    """Change name, members or filter. Raises NotFound, Invalid, and Conflict for those of a frozen group."""
    group = find_changeable(session, principal, Group, id)
    changes = {name: json_of(value) if name == "filter" else value for name, value in changes.items()}
    if changes.get("name", group.name) != group.name:
        require_name(session, group.project_owner_id, changes["name"])
    others = {name: value for name, value in changes.items() if name != "name" and value != getattr(group, name)}
    if others and group.frozen:
        raise Conflict(IS_FROZEN)
    if others:
        wanted = {"members": group.members, "filter": group.filter, **others}
        require_filter(session, owner_of_group(session, principal, group), **wanted)
    for name, value in changes.items():
        setattr(group, name, value)
    session.flush()


def require_name(session: Session, owner_id: int, name: str) -> None:
    """Raises Invalid for a name that cannot be one, or that another group of the owner has."""
    if not name or len(name) > MAX_NAME or "\0" in name:
        raise Invalid({"name": [f"Give the group a name of 1 to {MAX_NAME} characters."]})
    if parse_int(name) is not None:
        raise Invalid({"name": ["A name that is a number would be taken for the id of a group; give it a letter."]})
    if session.scalar(select(Group.id).where(Group.name == name, Group.project_owner_id == owner_id)) is not None:
        raise Invalid({"name": ["group with this name already exists."]})


def require_filter(session: Session, principal: Principal, members: str, filter: Any) -> None:
    """Raises Invalid for a filter that means nothing."""
    filter_condition(session, principal, parse_filter(filter), MEMBERS[members])


def freeze_group(session: Session, principal: Principal, id: int) -> None:
    """Store the members that the group has now, which it keeps. Raises NotFound, Conflict if it is frozen."""
    group = locked_group(session, principal, id)
    if group.frozen:
        raise Conflict(f"Group {id} is frozen since {group.frozen:%Y-%m-%d %H:%M} UTC; make it live first.")
    members, link = MEMBERS[group.members], LINKS[group.members]
    of_now = select(literal(group.id), members.id).where(live_members(session, principal, group))
    session.execute(insert(link.class_).from_select(["group_id", link.key], of_now))
    group.frozen = session.scalars(select(func.clock_timestamp())).one()
    session.flush()


def thaw_group(session: Session, principal: Principal, id: int) -> None:
    """Let the group have the members that meet its filter again. Raises NotFound, Conflict if it is live."""
    group = locked_group(session, principal, id)
    if not group.frozen:
        raise Conflict(f"Group {id} is live; there is nothing to change.")
    link = LINKS[group.members].class_
    session.execute(delete(link).where(link.group_id == id).execution_options(synchronize_session=False))
    group.frozen = None
    session.flush()


def delete_group(session: Session, principal: Principal, id: int) -> None:
    """Delete a group; its members stay. Raises NotFound, Forbidden."""
    session.delete(find_changeable(session, principal, Group, id))
    session.flush()


def locked_group(session: Session, principal: Principal, id: int) -> Group:
    """The group, which nobody else freezes meanwhile."""
    group = find_changeable(session, principal, Group, id)
    session.refresh(group, with_for_update=True)
    return group


def list_members(
    session: Session, principal: Principal, group: Group, after: int | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """The members in order of id, those behind the id `after`, at most `limit`; as `member_rows` has them."""
    statement = member_rows(session, principal, group).order_by("id").limit(limit)
    if after is not None:
        statement = statement.where(MEMBERS[group.members].id > after)
    return [dict(row._mapping) for row in session.execute(statement)]


def member_rows(session: Session, principal: Principal, group: Group) -> Select[Any]:
    """Of projects `id` and `project_id`; of traces what they are, and the `project` that they belong to."""
    condition = condition_of_group(session, principal, group, MEMBERS[group.members])
    chosen = condition, visible(principal, MEMBERS[group.members])
    columns: list[Any] = [Project.id, Project.project_id]
    if group.members == PROJECTS:
        return select(*columns).where(*chosen)
    trace = ConsumptionMetadata
    columns = [trace.id, trace.interpretation, trace.unit, trace.label, trace.project_id.label("project")]
    return select(*columns, Project.project_id).outerjoin(Project, Project.id == trace.project_id).where(*chosen)


def count_members(session: Session, principal: Principal, group: Group) -> int:
    """How many there are now."""
    return session.scalars(select(func.count()).select_from(member_rows(session, principal, group).subquery())).one()
