"""The rows of the projects page: a page of the projects that are asked for, each with what its latest run and its
latest result say.

`?sort=` one of SORTS, with a minus in front from the other end; `page=` from 1; `status=` of the latest run, or none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, Row, Select, and_, func, select, true
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import LateralFromClause

from eeds.db.tables import Project, ProjectResult, ProjectRun, SavingsAggregation
from eeds.formats.values import parse_int
from eeds.jobs.status import STATUSES
from eeds.meter.names import ALL_FUELS
from eeds.portal.filters import Selection, selection
from eeds.runs.portfolio import ELECTRICITY, GAS
from eeds.web.context import session

PAGE_SIZE = 50
MAX_PAGE = 10**9
# The columns of savings, and the names of their SQL columns.
FUELS = {"electricity": ELECTRICITY, "gas": GAS, "all": ALL_FUELS}
NUMBERS = ("value", "upper", "lower", "baseline")
NO_RUN = "NONE"
STATUS_FILTERS = (*STATUSES, NO_RUN)
SORTS = ("project_id", "zipcode", "reporting_period_start", "status", *FUELS)


@dataclass(frozen=True)
class Listing:
    """What is asked for."""

    selection: Selection
    status: str  # empty: any
    sort: str
    descending: bool
    page: int

    def parameters(self, **others: Any) -> dict[str, Any]:
        """The query string of the same rows, or of some that differ in this."""
        status = {"status": self.status} if self.status else {}
        sort = f"-{self.sort}" if self.descending else self.sort
        return {**self.selection.parameters, **status, "sort": sort, **others}

    def sorted_by(self, column: str) -> dict[str, Any]:
        """The query string that sorts by a column, or the other way round if it does already."""
        turned = column == self.sort and not self.descending
        return self.parameters(sort=f"-{column}" if turned else column)

    @property
    def condition(self) -> ColumnElement[bool]:
        """Of the projects, on all pages."""
        if not self.status:
            return self.selection.condition
        own = select(ProjectRun.status).where(ProjectRun.project_id == Project.id)
        latest = own.order_by(ProjectRun.id.desc()).limit(1).correlate(Project).scalar_subquery()
        of_status = latest.is_(None) if self.status == NO_RUN else latest == self.status
        return and_(self.selection.condition, of_status)


def listing() -> Listing:
    """What the query string of the request asks for; what it cannot mean falls back."""
    args = request.args
    sort, status = args.get("sort", ""), args.get("status", "")
    column = sort.removeprefix("-")
    known = column in SORTS
    return Listing(
        selection(args),
        status if status in STATUS_FILTERS else "",
        column if known else SORTS[0],
        known and sort.startswith("-"),
        min(max(parse_int(args.get("page", "1")) or 1, 1), MAX_PAGE),
    )


def count(wanted: Listing) -> int:
    """How many projects there are on all pages."""
    return session().scalars(select(func.count()).select_from(Project).where(wanted.condition)).one()


def rows(wanted: Listing) -> Sequence[Row[Any]]:
    """The rows of the page: one statement, which looks at the latest runs and results of those alone unless it has to
    sort by them."""
    if wanted.sort in (*FUELS, "status"):
        return session().execute(in_order(with_latest(wanted.condition), wanted)).all()
    key = getattr(Project, wanted.sort)
    page = select(Project.id).where(wanted.condition).order_by(*direction(key, wanted), Project.id)
    chosen = page.limit(PAGE_SIZE).offset((wanted.page - 1) * PAGE_SIZE)
    return session().execute(with_latest(Project.id.in_(chosen)).order_by(*direction(key, wanted), Project.id)).all()


def in_order(statement: Select[Any], wanted: Listing) -> Select[Any]:
    """A page of rows sorted by what they say of the latest run or result."""
    key = statement.selected_columns["status" if wanted.sort == "status" else f"{wanted.sort}_value"]
    return (
        statement.order_by(*direction(key, wanted), Project.id).limit(PAGE_SIZE).offset((wanted.page - 1) * PAGE_SIZE)
    )


def direction(key: Any, wanted: Listing) -> tuple[ColumnElement[Any]]:
    """Up or down; what is missing comes last."""
    return ((key.desc() if wanted.descending else key.asc()).nulls_last(),)


def with_latest(condition: ColumnElement[bool]) -> Select[Any]:
    """Projects with `status` and `message` of the latest run, and the savings of the latest result by fuel, in kWh."""
    run, result = latest(ProjectRun, "run"), latest(ProjectResult, "result")
    statement = select(
        Project,
        run.c.status,
        func.split_part(run.c.traceback, "\n", 1).label("message"),
        result.c.id.label("result_id"),
    )
    statement = statement.select_from(Project).outerjoin(run, true()).outerjoin(result, true())
    for name, interpretation in FUELS.items():
        saved = aliased(SavingsAggregation, name=f"{name}_savings")
        numbers = (getattr(saved, f"metered_{number}").label(f"{name}_{number}") for number in NUMBERS)
        same = and_(saved.project_result_id == result.c.id, saved.trace_interpretation == interpretation)
        statement = statement.add_columns(*numbers).outerjoin(saved, same)
    return statement.where(condition)


def latest(model: type[ProjectRun] | type[ProjectResult], name: str) -> LateralFromClause:
    """The newest row of a project."""
    own = select(model).where(model.project_id == Project.id)
    return own.order_by(model.id.desc()).limit(1).correlate(Project).lateral(name)


def savings(row: Row[Any], fuel: str) -> Mapping[str, float] | None:
    """The savings of a fuel in a row; None where they are not known."""
    numbers = {number: getattr(row, f"{fuel}_{number}") for number in NUMBERS}
    return None if numbers["value"] is None else numbers
