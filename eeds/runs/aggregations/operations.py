"""What people do with aggregations: compute one, keep it, look at it, delete it.

    with database.session() as session:
        id = create_aggregation(session, principal, ALL_PROJECTS, AggregationSettings(unit="MWh"))

An aggregation that is kept never changes: it names the results that it is made of, and the hashes of their input.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find_changeable, visible
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import Aggregation, Project, ProjectAttributeKey
from eeds.errors import Invalid
from eeds.formats.id_ranges import format_id_ranges
from eeds.formats.json_array import encode
from eeds.projects.selection import NO_PROJECTS, Selection
from eeds.runs.aggregations.report import report
from eeds.runs.aggregations.settings import AggregationSettings
from eeds.runs.portfolio.members import Portfolio, choose
from eeds.runs.portfolio.members_table import PROJECTS

LISTED = 20


def compute_aggregation(
    session: Session, principal: Principal, selection: Selection, settings: AggregationSettings
) -> dict[str, Any]:
    """The answer of an aggregation that is not kept. Raises Invalid if a project that is selected by its id does not
    exist, none is selected, or the attribute of `group_by` cannot be one."""
    return report(chosen(session, principal, selection, settings), settings)


def create_aggregation(
    session: Session,
    principal: Principal,
    selection: Selection,
    settings: AggregationSettings,
    *,
    name: str = "",
    asked: Mapping[str, Any] | None = None,
) -> int:
    """Make an aggregation, with its members, and keep it; its id. `asked`: the selection in the words of the request;
    None: the ids of the projects. Raises as compute_aggregation."""
    portfolio = chosen(session, principal, selection, settings)
    made = Aggregation(
        project_owner_id=principal.owner_id,
        user_id=principal.user_id,
        name=name,
        selection=dict(asked or projects_of(session)),
        settings=settings.as_json(),
        result=json.loads(encode(report(portfolio, settings))),  # JSON knows no NaN
    )
    session.add(made)
    session.flush()
    psycopg_connection(session).execute(query("portfolio/keep_members"), {"aggregation_id": made.id})
    return made.id


def projects_of(session: Session) -> dict[str, Any]:
    """The projects of the portfolio that was chosen, as they can be asked for again."""
    ids = session.scalars(select(PROJECTS.c.project_id).order_by(PROJECTS.c.project_id))
    return {"projects": format_id_ranges(list(ids))}


def chosen(session: Session, principal: Principal, selection: Selection, settings: AggregationSettings) -> Portfolio:
    """The portfolio of the selected projects that the principal can see; raises Invalid."""
    selection.require_all(session, principal)
    condition = and_(selection.condition, visible(principal, Project))
    if session.scalar(select(Project.id).where(condition).limit(1)) is None:
        raise selection.invalid([NO_PROJECTS])
    return portfolio_of(session, principal, condition, settings)


def portfolio_of(
    session: Session, principal: Principal, condition: ColumnElement[bool], settings: AggregationSettings
) -> Portfolio:
    """The portfolio of the projects of a condition, which has to restrict them to those that the principal can see."""
    keys = None if settings.group_by is None else keys_named(session, principal, settings.group_by)
    return choose(session, condition, settings.rules, keys)


def keys_named(session: Session, principal: Principal, name: str) -> Sequence[int]:
    """The ids of the attribute keys of that name, of which an admin may see several; raises Invalid without."""
    key = ProjectAttributeKey
    ids = session.scalars(select(key.id).where(key.name == name, visible(principal, key))).all()
    if not ids:
        names = session.scalars(select(key.name).where(visible(principal, key)).distinct().order_by(key.name)).all()
        there = f"there are {', '.join(names[:LISTED])}" if names else "there are none"
        raise Invalid({"group_by": [f'No attribute is called "{name}"; {there}.']})
    return ids


def delete_aggregation(session: Session, principal: Principal, id: int) -> None:
    """Delete an aggregation with its members; raises NotFound."""
    session.delete(find_changeable(session, principal, Aggregation, id))
    session.flush()
