"""Which projects a page or report is about, as a form asks for them: a translation into the filter language.

    filtered = filter_projects(session, principal, {"q": "50321", "block": "3"})
    select(Project).where(filtered.condition)

`q` is a text; `block` and `group` are ids; `key`, the id of an attribute's key, and its `value`; `status` of the latest
run, or NONE; `stale` true or false; `filter` is JSON of the filter language. All that is given must hold. What names
nothing, as the block of another owner, selects nothing; a filter that means nothing raises Invalid.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import nothing, visible
from eeds.db.tables import Group, Project, ProjectAttribute, ProjectAttributeKey, ProjectBlock
from eeds.formats.values import parse_int
from eeds.projects.attribute_values import value_from_text
from eeds.projects.attributes import VALUE_COLUMNS
from eeds.projects.filtering.condition import filter_condition
from eeds.projects.filtering.fields import ATTRIBUTE, RUN_STATUSES
from eeds.projects.filtering.language import json_of, parse_filter
from eeds.projects.groups import condition_of_group

Json = dict[str, Any]
NOTHING: Json = {"project_id": {"in": []}}
# Parameters of which other values than these ask for nothing.
WORDS = {"status": RUN_STATUSES, "stale": ("true", "false")}
NAMES = ("q", "block", "group", "key", "value", "status", "stale", "filter")
Part = tuple[Json, str]  # a filter, and what it says in words


@dataclass(frozen=True)
class FilteredProjects:
    """Projects that the caller may see and has asked for."""

    condition: ColumnElement[bool]
    described: Sequence[str]  # the filters in words; none for all projects
    parameters: Mapping[str, str]  # the filters that were given
    filter: Json  # all of them but the group, in the filter language


def filter_projects(session: Session, principal: Principal, parameters: Mapping[str, str]) -> FilteredProjects:
    """The projects that the parameters of NAMES ask for; one that is left blank asks for nothing."""
    given = {name: text for name in NAMES if (text := parameters.get(name, "").strip()) and is_possible(name, text)}
    parts = list(parts_of(session, principal, given))
    conditions = [filter_condition(session, principal, parse_filter(part)) for part, _ in parts]
    words = [words for _, words in parts]
    if "group" in given:
        condition, name = in_group(session, principal, parse_int(given["group"]))
        conditions.append(condition)
        words.append(name)
    filters = [part for part, _ in parts]
    whole = filters[0] if len(filters) == 1 else {"and": filters} if filters else {}
    return FilteredProjects(and_(visible(principal, Project), *conditions), words, given, whole)


def is_possible(name: str, text: str) -> bool:
    """Whether a parameter may have that value."""
    return name not in WORDS or text in WORDS[name]


def parts_of(session: Session, principal: Principal, given: Mapping[str, str]) -> Iterator[Part]:
    """Each of the filters, in the filter language."""
    if "q" in given:
        yield matching(given["q"])
    if "block" in given:
        yield in_block(session, principal, parse_int(given["block"]))
    if "key" in given:
        yield with_attribute(session, principal, parse_int(given["key"]), given.get("value"))
    for name, part in SIMPLE.items():
        if name in given:
            yield part(given[name])


SIMPLE: Mapping[str, Callable[[str], Part]] = {
    "status": lambda text: ({"run_status": text}, f"latest run {text}"),
    "stale": lambda text: ({"stale": text == "true"}, "stale" if text == "true" else "not stale"),
    "filter": lambda text: (json_of(text), f"filter {text}"),
}


def matching(text: str) -> Part:
    """The text is in the project's id or zipcode, in any capitals."""
    words = f"“{text}” in id or zipcode"
    if "\0" in text:  # Postgres stores no such text
        return NOTHING, words
    return {"or": [{"project_id": {"contains": text}}, {"zipcode": {"contains": text}}]}, words


def in_block(session: Session, principal: Principal, id: int | None) -> Part:
    """In the block of this id."""
    block = select(ProjectBlock.name).where(ProjectBlock.id == id, visible(principal, ProjectBlock))
    name = session.scalar(block)
    return ({"block": id}, f"in block {name}") if name is not None else (NOTHING, "in a block that does not exist")


def in_group(session: Session, principal: Principal, id: int | None) -> tuple[ColumnElement[bool], str]:
    """In the group of this id, and what that says in words; raises Invalid for one whose filter means nothing now."""
    group = session.scalar(select(Group).where(Group.id == id, visible(principal, Group)))
    if group is None:
        return nothing(), "in a group that does not exist"
    return condition_of_group(session, principal, group), f"in group {group.name}"


def with_attribute(session: Session, principal: Principal, key_id: int | None, text: str | None) -> Part:
    """With an attribute of this key, of the value that the text means if one is given; texts in any capitals."""
    of_caller = ProjectAttributeKey.id == key_id, visible(principal, ProjectAttributeKey)
    key = session.scalar(select(ProjectAttributeKey).where(*of_caller))
    if key is None:
        return NOTHING, "with an attribute that does not exist"
    comparison = {"!=": None} if text is None else values_meant(session, key, text)
    # an admin sees those of the same name of all owners
    owner = {"owner": key.project_owner_id} if principal.is_admin and key.project_owner_id is not None else {}
    words = f"with {key.display_name}" if text is None else f"{key.display_name} = {text}"
    return {f"{ATTRIBUTE}{key.name}": comparison, **owner}, words


def values_meant(session: Session, key: ProjectAttributeKey, text: str) -> Json:
    """What a value of the key is compared with; of texts the spellings that there are."""
    try:
        value = value_from_text(key.data_type, text)
    except ValueError:
        return {"in": []}
    if key.data_type == "CHAR":
        column = getattr(ProjectAttribute, VALUE_COLUMNS["CHAR"])
        same = ProjectAttribute.key_id == key.id, func.lower(column) == func.lower(value)
        return {"in": sorted({text, *session.scalars(select(column).where(*same).distinct())})}
    return {"==": value.isoformat() if isinstance(value, date) else value}
