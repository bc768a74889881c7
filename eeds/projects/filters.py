"""Which projects a page or report is about: `q` a text, `block` a block, `key` and `value` an attribute, all by id.

    filtered = filter_projects(session, principal, {"q": "50321", "block": "3"})
    select(Project).where(filtered.condition)

All that is given must hold. What names nothing, as the block of another owner, selects nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import nothing, visible
from eeds.db.tables import Project, ProjectAttribute, ProjectAttributeKey, ProjectBlock
from eeds.formats.values import parse_int
from eeds.projects.attribute_values import value_from_text
from eeds.projects.attributes import VALUE_COLUMNS
from eeds.projects.selection import select_block

NAMES = ("q", "block", "key", "value")
Part = tuple[ColumnElement[bool], str]  # a condition, and what it says in words


@dataclass(frozen=True)
class FilteredProjects:
    """Projects that the caller may see and has asked for."""

    condition: ColumnElement[bool]
    described: Sequence[str]  # the filters in words; none for all projects
    parameters: Mapping[str, str]  # the filters that were given


def filter_projects(session: Session, principal: Principal, parameters: Mapping[str, str]) -> FilteredProjects:
    """The projects that the parameters of NAMES ask for; one that is left blank asks for nothing."""
    given = {name: text for name in NAMES if (text := parameters.get(name, "").strip())}
    parts = []
    if "q" in given:
        parts.append(matching(given["q"]))
    if "block" in given:
        parts.append(in_block(session, principal, parse_int(given["block"])))
    if "key" in given:
        parts.append(with_attribute(session, principal, parse_int(given["key"]), given.get("value")))
    conditions = (condition for condition, _ in parts)
    return FilteredProjects(and_(visible(principal, Project), *conditions), [words for _, words in parts], given)


def matching(text: str) -> Part:
    """The text is in the project's id, or begins its zipcode."""
    words = f"“{text}” in id or zipcode"
    if "\0" in text:  # Postgres stores no such text
        return nothing(), words
    in_id = Project.project_id.icontains(text, autoescape=True)
    return or_(in_id, Project.zipcode.startswith(text, autoescape=True)), words


def in_block(session: Session, principal: Principal, id: int | None) -> Part:
    """In the block of this id."""
    block = select(ProjectBlock.name).where(ProjectBlock.id == id, visible(principal, ProjectBlock))
    name = session.scalar(block)
    if id is None or name is None:
        return nothing(), "in a block that does not exist"
    return select_block(id).condition, f"in block {name}"


def with_attribute(session: Session, principal: Principal, key_id: int | None, text: str | None) -> Part:
    """With an attribute of this key, of the value that the text means if one is given; texts in any capitals."""
    of_caller = ProjectAttributeKey.id == key_id, visible(principal, ProjectAttributeKey)
    key = session.scalar(select(ProjectAttributeKey).where(*of_caller))
    if key is None:
        return nothing(), "with an attribute that does not exist"
    having = select(ProjectAttribute.project_id).where(ProjectAttribute.key_id == key.id)
    if text is None:
        return Project.id.in_(having), f"with {key.display_name}"
    words = f"{key.display_name} = {text}"
    try:
        value = value_from_text(key.data_type, text)
    except ValueError:
        return nothing(), words
    column = getattr(ProjectAttribute, VALUE_COLUMNS[key.data_type])
    same = func.lower(column) == func.lower(value) if key.data_type == "CHAR" else column == value
    return Project.id.in_(having.where(same)), words
