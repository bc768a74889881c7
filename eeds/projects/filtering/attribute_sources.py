"""The values of an attribute of projects, by its name."""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import select

from eeds.accounts.visibility import visible
from eeds.db.tables import ProjectAttribute, ProjectAttributeKey
from eeds.errors import Invalid
from eeds.projects.attributes import VALUE_COLUMNS
from eeds.projects.filtering.kinds import OF_DATA_TYPES, shown
from eeds.projects.filtering.language import Comparison, wrong
from eeds.projects.filtering.sources import Scope, Source, of_rows

LISTED = 50

Typed = tuple[Source, Comparison | None]  # None: no value of this source can be what is asked for


def attribute_sources(scope: Scope, comparison: Comparison) -> Sequence[Typed]:
    """Where values of the attribute are, a source for each key that has its name: one of the caller's, one that all
    owners share, for an admin those of all owners. Raises Invalid for an attribute that there is not, and for an
    operand that none of the keys takes."""
    keys = scope.session.execute(
        select(ProjectAttributeKey.id, ProjectAttributeKey.data_type)
        .where(ProjectAttributeKey.name == comparison.attribute, visible(scope.principal, ProjectAttributeKey))
        .order_by(ProjectAttributeKey.id)
    ).all()
    if not keys:
        raise wrong(comparison.path, unknown_attribute(scope, comparison.attribute))
    sources = [(source_of_key(id, data_type), typed_if_possible(comparison, data_type)) for id, data_type in keys]
    if all(typed is None for _, typed in sources):
        comparison.typed(OF_DATA_TYPES[keys[0].data_type])
    return sources


def source_of_key(key_id: int, data_type: str) -> Source:
    """The values of the attributes of a key."""
    rows = select(ProjectAttribute.project_id).where(ProjectAttribute.key_id == key_id)
    return of_rows(rows, getattr(ProjectAttribute, VALUE_COLUMNS[data_type]))


def typed_if_possible(comparison: Comparison, data_type: str) -> Comparison | None:
    """The comparison with values of a data type."""
    with suppress(Invalid):
        return comparison.typed(OF_DATA_TYPES[data_type])
    return None


def unknown_attribute(scope: Scope, name: str | None) -> str:
    """That there is none of the name, and the names that there are."""
    names = scope.session.scalars(
        select(ProjectAttributeKey.name)
        .where(visible(scope.principal, ProjectAttributeKey))
        .distinct()
        .order_by(ProjectAttributeKey.name)
        .limit(LISTED)
    ).all()
    there_are = f"there are: {', '.join(names)}" if names else "there are none yet"
    return f"There is no attribute {shown(name)}; {there_are}."
