"""A page of projects, each with the status of its latest run and the savings of its latest result.

Parameters besides those of eeds.projects.filters: `sort`, one of SORTS, descending with a minus in front; `page`, from
1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, true
from sqlalchemy.orm import Session, aliased

from eeds.accounts.principal import Principal
from eeds.db.tables import Project, ProjectResult, ProjectRun, SavingsAggregation
from eeds.formats.values import parse_int
from eeds.meter.names import ALL_FUELS, INTERPRETATIONS
from eeds.projects.filters import FilteredProjects, filter_projects
from eeds.projects.latest import is_latest_stale, latest_of_project, shown_status

PAGE_SIZE = 50
MAX_PAGE = 10**9
# The columns of savings, and the names of their SQL columns.
FUELS = {"electricity": INTERPRETATIONS["E_C_S"], "gas": INTERPRETATIONS["NG_C_S"], "all": ALL_FUELS}
NUMBERS = ("value", "upper", "lower", "baseline")
SORTS = ("project_id", "zipcode", "reporting_period_start", "status", *FUELS)


@dataclass(frozen=True)
class Listing:
    """Which projects are listed, in which order, and which page of them."""

    selection: FilteredProjects
    sort: str
    descending: bool
    page: int

    def parameters(self, **others: Any) -> dict[str, Any]:
        """The parameters of the same rows, or of some that differ in `others`."""
        sort = f"-{self.sort}" if self.descending else self.sort
        return {**self.selection.parameters, "sort": sort, **others}

    def sorted_by(self, column: str) -> dict[str, Any]:
        """The parameters that sort by a column, or the other way round if it is sorted by that already."""
        is_turned = column == self.sort and not self.descending
        return self.parameters(sort=f"-{column}" if is_turned else column)

    @property
    def condition(self) -> ColumnElement[bool]:
        """The condition of the projects on all pages."""
        return self.selection.condition


def listing_of(session: Session, principal: Principal, parameters: Mapping[str, str]) -> Listing:
    """The listing that parameters ask for; what is none of the possible values falls back to the default."""
    sort = parameters.get("sort", "")
    column = sort.removeprefix("-")
    is_column = column in SORTS
    return Listing(
        filter_projects(session, principal, parameters),
        column if is_column else SORTS[0],
        is_column and sort.startswith("-"),
        min(max(parse_int(parameters.get("page", "1")) or 1, 1), MAX_PAGE),
    )


def count_projects(session: Session, listing: Listing) -> int:
    """How many projects there are on all pages."""
    return session.scalars(select(func.count()).select_from(Project).where(listing.condition)).one()


def count_stale(session: Session, listing: Listing) -> int:
    """How many of them have a latest result that is stale."""
    return session.scalars(select(func.count()).select_from(Project).where(listing.condition, is_latest_stale())).one()


def list_projects(session: Session, listing: Listing) -> Sequence[Row[Any]]:
    """The rows of the page, see `with_latest`: one statement, which reads the latest runs and results of the page alone
    unless it has to sort by them."""
    if listing.sort in (*FUELS, "status"):
        statement = with_latest(listing.condition)
        name = "status" if listing.sort == "status" else f"{listing.sort}_value"
        return session.execute(
            page_of(sorted_like(statement, statement.selected_columns[name], listing), listing)
        ).all()
    key = getattr(Project, listing.sort)
    on_page = page_of(sorted_like(select(Project.id).where(listing.condition), key, listing), listing)
    return session.execute(sorted_like(with_latest(Project.id.in_(on_page)), key, listing)).all()


def sorted_like(statement: Select[Any], key: Any, listing: Listing) -> Select[Any]:
    """The statement sorted up or down by the key, then by id; rows without a key come last."""
    return statement.order_by((key.desc() if listing.descending else key.asc()).nulls_last(), Project.id)


def page_of(statement: Select[Any], listing: Listing) -> Select[Any]:
    """The rows of the statement that are on the page."""
    return statement.limit(PAGE_SIZE).offset((listing.page - 1) * PAGE_SIZE)


def with_latest(condition: ColumnElement[bool]) -> Select[Any]:
    """Projects with `status` and `message` of the latest run, and of the latest result since when it is stale, and the
    savings by fuel, in kWh."""
    run = latest_of_project(ProjectRun).lateral("run")
    result = latest_of_project(ProjectResult).lateral("result")
    statement = select(
        Project,
        shown_status(run.c).label("status"),
        func.split_part(run.c.traceback, "\n", 1).label("message"),
        result.c.id.label("result_id"),
        result.c.stale_since,
    )
    statement = statement.select_from(Project).outerjoin(run, true()).outerjoin(result, true())
    for name, interpretation in FUELS.items():
        saved = aliased(SavingsAggregation, name=f"{name}_savings")
        numbers = (getattr(saved, f"metered_{number}").label(f"{name}_{number}") for number in NUMBERS)
        same = and_(saved.project_result_id == result.c.id, saved.trace_interpretation == interpretation)
        statement = statement.add_columns(*numbers).outerjoin(saved, same)
    return statement.where(condition)


def savings_in_row(row: Row[Any], fuel: str) -> Mapping[str, float] | None:
    """Metered savings of a fuel in a row, in kWh: `value`, `upper`, `lower`, `baseline`; None if unknown."""
    numbers = {number: getattr(row, f"{fuel}_{number}") for number in NUMBERS}
    return None if numbers["value"] is None else numbers
