"""A filter, read from JSON. Pure: it knows neither a database nor the attributes that there are.

    {"and": [{"climate_zone": "5A"}, {"attribute.contractor": {"in": ["Acme", "Best"]}}, {"not": {"stale": true}}]}

An object names fields, each with operators and what they compare it with; a value alone stands for `==`. All that an
object holds must be true. `and` and `or` have a list of objects, `not` has one.

What a field compares is the set of values that a project or trace has of it: none, one, or several, as its blocks; for
a filter of projects, the labels of all its traces. A comparison is true if one of the values meets it, so it is false
where there are none. `==` null is true where there are none. `!=` and `not_in` are the opposites of `==` and `in`, and
`not` is the opposite of anything: there is no third outcome. Texts are compared exactly, by code point, but `contains`
ignores capitals.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eeds.errors import Invalid
from eeds.formats.values import checked_text, parse_json
from eeds.projects.filtering.fields import ATTRIBUTE, FIELD_NAMES, FIELDS
from eeds.projects.filtering.kinds import CONTAINS, EQUALITY, OPERATORS, TEXT, Kind, shown

MAX_DEPTH = 10
MAX_NODES = 100
MAX_VALUES = 10_000  # of a list
ROOT = "filter"
LISTS = ("in", "not_in")


@dataclass(frozen=True)
class Comparison:
    """A field, an operator and what it compares the field with; `path` says where it stands.

    The operand is of the kind of the field; of an attribute it is JSON's own until its key is known.
    """

    path: str
    field: str
    operator: str
    operand: Any

    @property
    def attribute(self) -> str | None:
        """The name of the attribute, if it is one."""
        return self.field.removeprefix(ATTRIBUTE) if self.field.startswith(ATTRIBUTE) else None

    def typed(self, kind: Kind) -> "Comparison":
        """The same, with an operand of that kind; raises Invalid."""
        if self.operator not in kind.operators:
            raise wrong(self.path, f"{self.operator} does not go with it; there are: {', '.join(kind.operators)}.")
        if self.operator in LISTS:
            return replace(self, operand=[self.read(kind, value) for value in self.operand])
        # a name has parts, an id has none
        return replace(self, operand=self.read(TEXT if self.operator == CONTAINS else kind, self.operand))

    def read(self, kind: Kind, value: Any) -> Any:
        """A value of that kind, or None; raises Invalid."""
        if value is None:
            return None
        try:
            return kind.read(value)
        except ValueError as error:
            raise wrong(self.path, f"{shown(value)} is not {kind.wanted}.") from error


@dataclass(frozen=True)
class And:
    """All of the parts are true."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class Or:
    """One of the parts is true."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class Not:
    """The part is false."""

    part: "Filter"


Filter = And | Or | Not | Comparison


def parse_filter(value: Any) -> Filter:
    """The filter that a JSON value, or the text of one, means. Raises Invalid, which says where and what is wrong, and
    what there is."""
    parsed = parse_object(json_of(value), ROOT, 1)
    if sum(1 for _ in nodes_of(parsed)) > MAX_NODES:
        raise wrong(ROOT, f"It has more than {MAX_NODES} parts; a list for `in` counts as one.")
    return parsed


def json_of(value: Any) -> Any:
    """The JSON value of a filter that may have been sent as its text; raises Invalid."""
    try:
        return parse_json(value.encode()) if isinstance(value, str) else value
    except ValueError as error:  # also of a text that UTF-8 does not have
        raise wrong(ROOT, f'It is not JSON, as {{"zipcode": "50321"}}: {error}.') from error


def parse_object(value: Any, path: str, depth: int) -> Filter:
    """An object of fields, and of `and`, `or`, `not`."""
    if not isinstance(value, Mapping):
        raise wrong(path, f'An object is wanted, as {{"zipcode": "50321"}}, not {shown(value)}.')
    if depth > MAX_DEPTH:
        raise wrong(path, f"It is nested more than {MAX_DEPTH} deep.")
    if len(value) > MAX_NODES:
        raise wrong(path, f"It has more than {MAX_NODES} parts.")
    parts = [part for name, content in value.items() for part in parse_part(str(name), content, path, depth)]
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def parse_part(name: str, content: Any, above: str, depth: int) -> Iterator[Filter]:
    """What stands under a name of an object: one part, or one for each operator of a field."""
    path = f"{above}.{name}" if name in ("and", "or", "not") or name in FIELDS else f"{above}.{shown(name)[1:-1]}"
    match name:
        case "and":
            yield And(parse_list(content, path, depth + 1))
        case "or":
            yield Or(parse_list(content, path, depth + 1))
        case "not":
            yield Not(parse_object(content, path, depth + 1))
        case _:
            yield from parse_field(name, content, path)


def parse_list(content: Any, path: str, depth: int) -> tuple[Filter, ...]:
    """The objects of `and` or `or`."""
    if not isinstance(content, list) or not 0 < len(content) <= MAX_NODES:
        raise wrong(path, f"A list of 1 to {MAX_NODES} objects is wanted, not {shown(content)}.")
    return tuple(parse_object(each, f"{path}[{index}]", depth) for index, each in enumerate(content))


def parse_field(field: str, content: Any, path: str) -> Iterator[Comparison]:
    """The comparisons of a field."""
    require_field(field, path)
    operators = content if isinstance(content, Mapping) else {"==": content}
    if not operators:
        raise wrong(path, f"An operator is wanted, one of: {', '.join(OPERATORS)}.")
    for operator, operand in operators.items():
        if operator not in OPERATORS:
            raise wrong(path, f"There is no operator {shown(operator)}; there are: {', '.join(OPERATORS)}.")
        require_operand(operator, operand, path)
        comparison = Comparison(path, field, operator, operand)
        yield comparison if comparison.attribute is not None else comparison.typed(FIELDS[field].kind)


def require_field(field: str, path: str) -> None:
    """Raises Invalid for a name that is none of a field."""
    if field not in FIELDS and not field.startswith(ATTRIBUTE):
        raise wrong(path, f"There is no field {shown(field)}; there are: {FIELD_NAMES}.")
    try:
        checked_text(field)
    except ValueError as error:
        raise wrong(path, str(error)) from error


def require_operand(operator: str, operand: Any, path: str) -> None:
    """Raises Invalid for a list, or for null, where the operator takes none."""
    if operator in LISTS and (not isinstance(operand, list) or len(operand) > MAX_VALUES):
        raise wrong(path, f"{operator} takes a list of at most {MAX_VALUES:,} values, not {shown(operand)}.")
    if operator not in LISTS and isinstance(operand, list):
        raise wrong(path, f'{operator} takes one value; for several: {{"in": [...]}}.')
    if operand is None and operator not in EQUALITY:
        raise wrong(path, f"null goes with {', '.join(EQUALITY)} alone.")


def nodes_of(filter: Filter) -> Iterator[Filter]:
    """The filter and all its parts."""
    yield filter
    parts: Sequence[Filter] = (
        filter.parts if isinstance(filter, And | Or) else (filter.part,) if isinstance(filter, Not) else ()
    )
    for part in parts:
        yield from nodes_of(part)


def wrong(path: str, message: str) -> Invalid:
    """The error that says where the filter is wrong, and how."""
    return Invalid({ROOT: [f"{path}: {message}"]})
