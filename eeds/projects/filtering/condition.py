"""A filter as a condition of SQL, on projects or on traces.

    filter = parse_filter({"and": [{"zipcode": "50321"}, {"unit": "KWH"}]})
    select(Project).where(filter_condition(session, principal, filter), visible(principal, Project))
    select(ConsumptionMetadata).where(filter_condition(session, principal, filter, ConsumptionMetadata), ...)

A condition says nothing of whether the caller may see what meets it, but never takes blocks and attributes that the
caller may not see. What it means is said in eeds.projects.filtering.language.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, true
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.tables import ConsumptionMetadata, Project
from eeds.projects.filtering.attribute_sources import Typed, attribute_sources
from eeds.projects.filtering.criterion import PRESENT, Criterion
from eeds.projects.filtering.fields import FIELDS
from eeds.projects.filtering.language import LISTS, And, Comparison, Filter, Not, Or
from eeds.projects.filtering.sources import SOURCES, Scope, Source

Members = type[Project] | type[ConsumptionMetadata]
OPPOSITES = {"!=": "==", "not_in": "in"}


def filter_condition(
    session: Session,
    principal: Principal,
    filter: Filter,
    members: Members = Project,
    *,
    now: datetime | None = None,
) -> ColumnElement[bool]:
    """The condition of the projects, or of the traces, that a filter means; ages are counted until `now`. It is never
    NULL. Raises Invalid for an attribute that the caller has not, or with a value that is not of its type."""
    return condition_of(Scope(session, principal, now or datetime.now(UTC)), filter, members)


def condition_of(scope: Scope, filter: Filter, members: Members) -> ColumnElement[bool]:
    """The condition of a filter or of a part of one."""
    match filter:
        case And(parts):
            return and_(true(), *(condition_of(scope, part, members) for part in parts))
        case Or(parts):
            return or_(false(), *(condition_of(scope, part, members) for part in parts))
        case Not(part):
            return not_(condition_of(scope, part, members))
        case Comparison(operator=operator) if operator in OPPOSITES:
            return not_(comparison_condition(scope, filter, members))
        case _:
            return comparison_condition(scope, filter, members)


def comparison_condition(scope: Scope, comparison: Comparison, members: Members) -> ColumnElement[bool]:
    """The condition of a comparison; of `!=` and `not_in` that of their opposites."""
    sources = sources_of(scope, comparison)
    met = [source(criterion) for source, typed in sources if typed and (criterion := criterion_of(typed))]
    found = on(members, comparison, or_(false(), *met))
    if not asks_for_none(comparison):
        return found
    has_some = or_(*(source(PRESENT) for source, _ in sources))
    return or_(found, not_(on(members, comparison, has_some)))


def sources_of(scope: Scope, comparison: Comparison) -> Sequence[Typed]:
    """Where the values of the field are."""
    if comparison.attribute is not None:
        return attribute_sources(scope, comparison)
    source: Source = SOURCES[comparison.field](scope)
    return [(source, comparison)]


def criterion_of(comparison: Comparison) -> Criterion | None:
    """What one of the values must be; None where all that is asked for is that there is none."""
    operator = OPPOSITES.get(comparison.operator, comparison.operator)
    if operator not in ("==", "in"):
        return Criterion(operator, comparison.operand)
    given = [value for value in operands_of(comparison) if value is not None]
    return Criterion("in", given) if given else None


def asks_for_none(comparison: Comparison) -> bool:
    """Whether null is among what the field is compared with."""
    return any(value is None for value in operands_of(comparison))


def operands_of(comparison: Comparison) -> Sequence[object]:
    """What the field is compared with."""
    operands: Sequence[object] = comparison.operand if comparison.operator in LISTS else [comparison.operand]
    return operands


def on(members: Members, comparison: Comparison, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition on what the field belongs to, as one on projects or on traces."""
    field = FIELDS.get(comparison.field)  # None: an attribute
    return lifted(condition, ConsumptionMetadata if field and field.is_of_trace else Project, members)


def lifted(condition: ColumnElement[bool], known_of: Members, members: Members) -> ColumnElement[bool]:
    """A condition on projects or on traces, as one on the other: a project meets what one of its traces meets, a trace
    what its project meets."""
    trace = ConsumptionMetadata
    if known_of is members:
        return condition
    if members is Project:
        projects = select(trace.project_id).where(trace.project_id.is_not(None), condition)
        return Project.id.in_(projects.correlate(None))
    projects = select(Project.id).where(condition)
    return and_(trace.project_id.is_not(None), trace.project_id.in_(projects.correlate(None)))
