"""The portfolio: the savings of the latest results of many projects, added up, in kWh.

    with database.session() as session:
        for total in totals(session, visible(principal, Project)):
            print(total.interpretation, total.metered)

Every statement takes a condition of projects, which has to restrict them to those that the caller may see. Bounds are
at a confidence level, by default the usual one; how the errors of many buildings add up is said in eeds.meter.spread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import distinct, func, select, union_all
from sqlalchemy.orm import Session

from eeds.db.tables import Project, ProjectResult, SavingsAggregation
from eeds.meter.names import ALL_FUELS, INTERPRETATIONS
from eeds.meter.types import Savings
from eeds.runs.portfolio_sums import (
    KINDS,
    METERED,
    NORMALIZED,
    USUAL_LEVEL,
    Condition,
    added_up,
    latest,
    saved,
    spread_of,
)
from eeds.runs.realization import ELECTRICITY, GAS, Realization, realizations

# In the order in which people ask for them.
FUELS = (ALL_FUELS, ELECTRICITY, GAS, *(name for name in INTERPRETATIONS.values() if name not in (ELECTRICITY, GAS)))


@dataclass(frozen=True)
class Sum(Savings):
    """The savings of some projects."""

    projects: int = 0


@dataclass(frozen=True)
class Total:
    """All projects that have an interpretation; None where none of them has it."""

    interpretation: str
    metered: Sum | None
    normalized: Sum | None
    realized: Realization | None


@dataclass(frozen=True)
class Counts:
    """How many projects there are, how many have a result, and the confidence levels of the bounds in these."""

    projects: int
    results: int
    confidence_levels: Sequence[float]

    @property
    def confidence_level(self) -> float:
        """At which bounds of all of them together are given: the highest."""
        return max(self.confidence_levels, default=USUAL_LEVEL)


def counts(session: Session, condition: Condition) -> Counts:
    """The numbers behind the sums: two statements."""
    chosen = latest(condition)
    level = ProjectResult.provenance["settings"]["confidence_level"].as_float()
    results = select(func.count(), func.array_agg(distinct(level))).select_from(chosen)
    number, levels = session.execute(results.join(ProjectResult, ProjectResult.id == chosen.c.id)).one()
    projects = session.scalars(select(func.count()).select_from(Project).where(condition)).one()
    return Counts(projects, number, sorted(level for level in levels or () if level is not None))


def totals(session: Session, condition: Condition, confidence_level: float = USUAL_LEVEL) -> list[Total]:
    """The savings of the projects by interpretation, in order of FUELS: three statements."""
    sums, realized = (
        sums_by_kind(session, condition, confidence_level),
        realizations(session, condition, confidence_level),
    )
    fuels = sorted({fuel for fuel, _ in sums}, key=FUELS.index)
    return [Total(fuel, sums[fuel, METERED], sums[fuel, NORMALIZED], realized.get(fuel)) for fuel in fuels]


def sums_by_kind(
    session: Session, condition: Condition, confidence_level: float
) -> Mapping[tuple[str, str], Sum | None]:
    """The savings of every interpretation and kind; None where no project has them."""
    chosen = latest(condition)
    rows = union_all(*(saved(chosen, kind) for kind in KINDS)).subquery("saved")
    sums: dict[tuple[str, str], Sum | None] = {}
    for row in session.execute(added_up(rows, ["interpretation", "kind"], ["value", "n", "baseline"])):
        lower, upper = spread_of(row, confidence_level).distances(confidence_level)
        found = Sum(row.value, upper, lower, int(row.n), row.baseline, projects=int(row.rows)) if row.rows else None
        sums[row.interpretation, row.kind] = found
    return sums


def annual_savings(session: Session, condition: Condition, fuel: str) -> Sequence[tuple[float, float]]:
    """Normalized savings and counterfactual of each project that has them, kWh a year."""
    chosen = latest(condition)
    saved = SavingsAggregation
    statement = (
        select(saved.normalized_value, saved.normalized_baseline)
        .join(chosen, chosen.c.id == saved.project_result_id)
        .where(saved.trace_interpretation == fuel, saved.normalized_value.is_not(None))
    )
    return [(row.normalized_value, row.normalized_baseline) for row in session.execute(statement)]
