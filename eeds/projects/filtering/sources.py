"""Where the values of a field are: the condition that a project, or a trace, has one that meets a criterion.

No condition is ever NULL, so that its opposite is true wherever it is not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Double, Select, String, and_, cast, extract, false, func, literal, or_, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.tables import (
    ConsumptionMetadata,
    Project,
    ProjectBlock,
    ProjectBlockProject,
    ProjectOwner,
    ProjectResult,
    ProjectRun,
    ProjectWeather,
    User,
)
from eeds.projects.filtering.climate import ZONES, ZoneSystem, zipcodes_where
from eeds.projects.filtering.criterion import Criterion
from eeds.projects.filtering.fields import NO_RUN, PERIODS
from eeds.projects.latest import latest_of_project, shown_status

SECONDS_A_DAY = 86_400.0
ZIPCODE = r"^\s*([0-9]{5})(\s*-?\s*[0-9]{4})?\s*$"  # its five digits, as eeds.weather.stations.normalise_zipcode


@dataclass(frozen=True)
class Scope:
    """Who asks, and when: ages are counted until `now`."""

    session: Session
    principal: Principal
    now: datetime


Source = Callable[[Criterion], ColumnElement[bool]]


def of_column(column: Any) -> Source:
    """The value of a column of the project or trace."""
    return lambda criterion: and_(column.is_not(None), criterion.sql(column))


def of_expression(expression: Any) -> Source:
    """One that is computed; no index is lost."""
    return lambda criterion: func.coalesce(criterion.sql(expression), false())


def of_rows(project_ids: Select[Any], column: Any) -> Source:
    """A column of rows that belong to the project, which the statement gives the ids of projects of."""
    return lambda criterion: Project.id.in_(project_ids.where(criterion.sql(column)).correlate(None))


def by_id_or_name(by_id: Source, by_name: Source) -> Source:
    """Ids are numbers, names are texts."""

    def has(criterion: Criterion) -> ColumnElement[bool]:
        if criterion.operator != "in":
            return by_name(criterion)
        ids = [value for value in criterion.operand if isinstance(value, int)]
        names = [value for value in criterion.operand if isinstance(value, str)]
        return or_(by_id(Criterion("in", ids)), by_name(Criterion("in", names)))

    return has


def owner(scope: Scope) -> Source:
    """The owner of the project."""
    users = select(ProjectOwner.id).join(User, User.id == ProjectOwner.user_id)

    def by_name(criterion: Criterion) -> ColumnElement[bool]:
        return Project.project_owner_id.in_(users.where(criterion.sql(User.name)).correlate(None))

    return by_id_or_name(of_column(Project.project_owner_id), by_name)


def block(scope: Scope) -> Source:
    """The blocks that the caller may see."""
    members = select(ProjectBlockProject.project_id).join(ProjectBlock).where(visible(scope.principal, ProjectBlock))
    return by_id_or_name(of_rows(members, ProjectBlock.id), of_rows(members, ProjectBlock.name))


def run_status(scope: Scope) -> Source:
    """The status of the latest run."""
    latest = latest_of_project(ProjectRun).with_only_columns(shown_status(ProjectRun)).scalar_subquery()
    return of_expression(func.coalesce(latest, NO_RUN))


def result_age(scope: Scope) -> Source:
    """The days since the latest result."""
    added = latest_of_project(ProjectResult).with_only_columns(ProjectResult.added).scalar_subquery()
    age = literal(scope.now, TIMESTAMP(timezone=True)) - added
    return of_expression(cast(extract("epoch", age), Double) / SECONDS_A_DAY)


def stale(scope: Scope) -> Source:
    """Whether the latest result is."""
    is_stale = ProjectResult.stale_since.is_not(None)
    return of_expression(latest_of_project(ProjectResult).with_only_columns(is_stale).scalar_subquery())


def climate_zone(system: ZoneSystem) -> Source:
    """The zone of the ZIP code, which the gazetteer knows and the database does not."""
    zipcode = of_expression(func.substring(Project.zipcode, ZIPCODE, type_=String))
    return lambda criterion: zipcode(Criterion("in", zipcodes_where(system, criterion)))


def station(scope: Scope) -> Source:
    """The station that is pinned."""
    return of_rows(select(ProjectWeather.project_id), ProjectWeather.station)


# By the names of eeds.projects.filtering.fields.
SOURCES: Mapping[str, Callable[[Scope], Source]] = {
    "project_id": lambda _: of_column(Project.project_id),
    "zipcode": lambda _: of_column(Project.zipcode),
    "station": station,
    **{name: lambda _, system=system: climate_zone(system) for name, system in ZONES.items()},  # type: ignore[misc]
    "owner": owner,
    "block": block,
    **{name: lambda _, name=name: of_column(getattr(Project, name)) for name in PERIODS},  # type: ignore[misc]
    "run_status": run_status,
    "result_age": result_age,
    "stale": stale,
    "interpretation": lambda _: of_column(ConsumptionMetadata.interpretation),
    "unit": lambda _: of_column(ConsumptionMetadata.unit),
    "label": lambda _: of_column(ConsumptionMetadata.label),
}
