"""Projects with results, for tests of what adds them up."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.db.tables import Project, ProjectAttribute, ProjectAttributeKey, ProjectOwner, ProjectResult, User
from eeds.meter.names import ALL_FUELS
from eeds.meter.spread import Spread
from eeds.meter.types import MeterResult, MonthSavings, Savings, SavingsAggregation
from eeds.runs.portfolio.members import ELECTRICITY, GAS
from eeds.runs.results.store import save_savings

JANUARY, FEBRUARY = date(2014, 1, 1), date(2014, 2, 1)


def owner_of(session: Session, name: str) -> int:
    """The project owner of a user."""
    return session.scalars(
        select(ProjectOwner.id).join(User, User.id == ProjectOwner.user_id).where(User.name == name)
    ).one()


def add_project(session: Session, owner: int, name: str, **fields: str) -> Project:
    """A project."""
    project = Project(project_owner_id=owner, project_id=name, **fields)
    session.add(project)
    session.flush()
    return project


def add_result(
    session: Session,
    project: Project,
    *sums: SavingsAggregation,
    confidence_level: float | None = 0.95,
    station: str = "725460",
) -> int:
    """A result of a project that found these savings."""
    provenance = {"settings": {"confidence_level": confidence_level}} if confidence_level else None
    result = ProjectResult(project_id=project.id, provenance=provenance)
    session.add(result)
    session.flush()
    save_savings(session, result.id, [], MeterResult("1.2.7", (), (), savings_aggregations=sums), station)
    return result.id


def add_attributes(session: Session, project: Project, data_type: str = "FLOAT", **values: object) -> None:
    """Attributes of a project, with their keys if need be."""
    for name, value in values.items():
        key = session.scalar(select(ProjectAttributeKey).where(ProjectAttributeKey.name == name))
        if key is None:
            key = ProjectAttributeKey(name=name, display_name=name.capitalize(), data_type=data_type)
            session.add(key)
            session.flush()
        column = {f"{key.data_type.lower()}_value": value}
        session.add(ProjectAttribute(project_id=project.id, key_id=key.id, **column))
    session.flush()


def savings(value: float, distance: float, baseline: float, spread: Spread | None = None) -> Savings:
    """Savings of a year; without a spread as a result of an earlier release has them."""
    return Savings(value, distance, distance, 365, baseline, spread)


def found(
    fuel: str, metered: Savings | None, normalized: Savings | None = None, months: Mapping[date, float] | None = None
) -> SavingsAggregation:
    """What a project saved of a fuel, with what it saved in some months."""
    spread = Spread(0.0, 4.0, 0.0, 20.0)
    parts = tuple(
        MonthSavings.of(month, (value, 30, 10 * value), spread, spread.times(number**0.5), 0.95)
        for number, (month, value) in enumerate((months or {}).items(), 1)
    )
    return SavingsAggregation(fuel, metered, normalized, parts, "daily")


def both_fuels(electricity: float, gas: float, distance: float = 30.0) -> list[SavingsAggregation]:
    """A project that saved so many kWh of each, a tenth of it; in a normal year twice as much."""
    parts = {ELECTRICITY: electricity, GAS: gas, ALL_FUELS: electricity + gas}
    return [
        found(
            fuel,
            savings(value, distance, 10 * value),
            savings(2 * value, distance, 20 * value),
            {JANUARY: value / 4, FEBRUARY: value / 2},
        )
        for fuel, value in parts.items()
    ]
