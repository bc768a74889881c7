"""The projects of a restatement, each with its result before and after, and what was saved by these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eeds.db.tables import Aggregation, AggregationMember, ProjectResult, SavingsAggregation
from eeds.db.tables.aggregations import ACCEPTED
from eeds.errors import EedsError
from eeds.runs.restatements.steps import Savings
from eeds.runs.results.savings import METHODS

DELETED = "One of the two results has been deleted since."
AGGREGATION_DELETED = "One of the two aggregations has been deleted since."


@dataclass(frozen=True)
class Part:
    """A project in a result or an aggregation: the id of its result, the savings that count, and of an aggregation the
    fuels that were accepted."""

    result: int
    savings: Savings
    fuels: frozenset[str] | None = None


@dataclass(frozen=True)
class Pair:
    """A project before and after; None where it is not in the earlier, or the later, of two aggregations."""

    project_id: int
    before: Part | None
    after: Part | None


def pairs_of_results(session: Session, before: int, after: int) -> Sequence[Pair]:
    """The project of two results. Raises EedsError."""
    projects = session.scalars(select(ProjectResult.project_id).where(ProjectResult.id.in_([before, after]))).all()
    if len(projects) != 2:
        raise EedsError(DELETED)
    parts = (Part(id, savings_of_result(session, id)) for id in (before, after))
    return [Pair(projects[0], *parts)]


def pairs_of_aggregations(session: Session, before: int, after: int) -> Sequence[Pair]:
    """The projects that were accepted in one of two aggregations, by id. Raises EedsError."""
    if session.scalars(select(func.count()).where(Aggregation.id.in_([before, after]))).one() != 2:
        raise EedsError(AGGREGATION_DELETED)
    earlier, later = (parts_of_aggregation(session, id) for id in (before, after))
    return [Pair(project, earlier.get(project), later.get(project)) for project in sorted({*earlier, *later})]


def parts_of_aggregation(session: Session, id: int) -> Mapping[int, Part]:
    """The accepted members of an aggregation by project, each with the fuels that were accepted of it."""
    member = AggregationMember
    rows = select(member).where(member.aggregation_id == id, member.status == ACCEPTED).order_by(member.id)
    parts: dict[int, Part] = {}
    for row in session.scalars(rows):
        assert row.project_result_id is not None, "no member is accepted without a result"
        assert row.trace_interpretation is not None, "or without a fuel"
        values = {(row.trace_interpretation, name): getattr(row, f"{name}_value") for name in METHODS}
        own = {key: value for key, value in values.items() if value is not None}
        before = parts.get(row.project_id, Part(row.project_result_id, {}, frozenset()))
        fuels = (before.fuels or frozenset()) | {row.trace_interpretation}
        parts[row.project_id] = Part(row.project_result_id, {**before.savings, **own}, fuels)
    return parts


def savings_of_result(session: Session, result_id: int) -> Savings:
    """The sums of a result, in kWh."""
    rows = session.scalars(select(SavingsAggregation).where(SavingsAggregation.project_result_id == result_id))
    values = {(row.trace_interpretation, name): getattr(row, f"{name}_value") for row in rows for name in METHODS}
    return {key: value for key, value in values.items() if value is not None}
