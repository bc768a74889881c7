"""Which projects a page is about: `?q=` a text, `block=` a block, `key=` and `value=` an attribute, all by id.

    chosen = selection(request.args)
    select(Project).where(chosen.condition)

Everything that is given must hold. What cannot be, as the block of another owner, selects nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import ColumnElement, and_, func, or_, select
from werkzeug.datastructures import MultiDict

from eeds.accounts.visibility import nothing, visible
from eeds.api.project_attributes import VALUE_FIELDS, column_of
from eeds.db.tables import Project, ProjectAttribute, ProjectAttributeKey, ProjectBlock, ProjectBlockProject
from eeds.formats.values import parse_int
from eeds.web.context import principal, session

NAMES = ("q", "block", "key", "value")
Args = MultiDict[str, str]  # a query string
Part = tuple[ColumnElement[bool], str]  # a condition, and in words


@dataclass(frozen=True)
class Selection:
    """The condition of a project that the user may see and has asked for; in words, none for all of them; and the
    parameters that say the same."""

    condition: ColumnElement[bool]
    described: Sequence[str]
    parameters: Mapping[str, str]


def selection(args: Args) -> Selection:
    """What a query string asks for; a parameter that is left blank asks for nothing."""
    parameters = {name: text for name in NAMES if (text := args.get(name, "").strip())}
    parts = list(parts_of(parameters))
    conditions = [visible(principal(), Project), *(condition for condition, _ in parts)]
    return Selection(and_(*conditions), [words for _, words in parts], parameters)


def parts_of(parameters: Mapping[str, str]) -> Iterator[Part]:
    """What each of the filters contributes."""
    filters: Mapping[str, Callable[[Mapping[str, str]], Part]] = {
        "q": named,
        "block": in_block,
        "key": with_attribute,
    }
    for name, part in filters.items():
        if name in parameters:
            yield part(parameters)


def named(parameters: Mapping[str, str]) -> Part:
    """The text is in the project's id, or begins its zipcode."""
    text = parameters["q"]
    words = f"“{text}” in id or zipcode"
    if "\0" in text:  # no text of Postgres has it
        return nothing(), words
    project = Project.project_id.icontains(text, autoescape=True)
    return or_(project, Project.zipcode.startswith(text, autoescape=True)), words


def in_block(parameters: Mapping[str, str]) -> Part:
    """In the block of this id."""
    id = parse_int(parameters["block"])
    found = select(ProjectBlock.name).where(ProjectBlock.id == id, visible(principal(), ProjectBlock))
    name = session().scalar(found)
    if name is None:
        return nothing(), "in a block that does not exist"
    members = select(ProjectBlockProject.project_id).where(ProjectBlockProject.project_block_id == id)
    return Project.id.in_(members), f"in block {name}"


def with_attribute(parameters: Mapping[str, str]) -> Part:
    """With this attribute, of this value if one is given."""
    key = session().get(ProjectAttributeKey, parse_int(parameters["key"]) or 0)
    if key is None:
        return nothing(), "with an attribute that does not exist"
    having = select(ProjectAttribute.project_id).where(ProjectAttribute.key_id == key.id)
    if "value" not in parameters:
        return Project.id.in_(having), f"with {key.display_name}"
    words = f"{key.display_name} = {parameters['value']}"
    try:
        value = VALUE_FIELDS[key.data_type].deserialize(parameters["value"])
    except ValidationError:
        return nothing(), words
    return Project.id.in_(having.where(equal(key.data_type, value))), words


def equal(data_type: str, value: Any) -> ColumnElement[bool]:
    """An attribute has this value; texts do also in other capitals."""
    column = getattr(ProjectAttribute, column_of(data_type))
    return func.lower(column) == func.lower(value) if data_type == "CHAR" else column == value


@dataclass(frozen=True)
class Choices:
    """What the form of the filters offers: ids and names."""

    blocks: Sequence[tuple[int, str]]
    keys: Sequence[tuple[int, str]]


def choices() -> Choices:
    """The user's blocks, and the attributes that the projects of the user have."""
    blocks = select(ProjectBlock.id, ProjectBlock.name).where(visible(principal(), ProjectBlock))
    used = select(ProjectAttribute.id).where(
        ProjectAttribute.key_id == ProjectAttributeKey.id, visible(principal(), ProjectAttribute)
    )
    keys = select(ProjectAttributeKey.id, ProjectAttributeKey.display_name).where(used.exists())
    return Choices(
        [(id, name) for id, name in session().execute(blocks.order_by(func.lower(ProjectBlock.name), ProjectBlock.id))],
        [(id, name) for id, name in session().execute(keys.order_by(func.lower(ProjectAttributeKey.display_name)))],
    )
