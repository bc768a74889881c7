"""What people do with restatements: request one, see what moved savings, take that away as a file.

with database.session() as session:
    id = request_restatement(session, principal, RESULTS, before, after)
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, delete, func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import changeable, find, visible
from eeds.db.array_parameters import among
from eeds.db.cursors import chunks_of
from eeds.db.tables import Aggregation, Project, ProjectResult, RestatedSavings, Restatement
from eeds.errors import Invalid, NotFound
from eeds.formats.format import File, Format, write
from eeds.formats.messages import invalid_pk
from eeds.formats.table import Column, Type, columns
from eeds.jobs.leases import CHANNEL
from eeds.runs.restatements.steps import CAUSES

RESULTS, AGGREGATIONS = KINDS = ("results", "aggregations")
SAME = "Compare it with another one."
COLUMNS = (
    Column("project", Type.INTEGER, is_required=True),
    *columns(Type.TEXT, "project_name", "trace_interpretation", "method"),
    *columns(Type.NUMBER, "before", "after", "moved", *CAUSES),
    Column("notes", Type.TEXT),
)
OTHER_PROJECT = "Result {} is of another project than result {}; compare two results of one project."


def request_restatement(
    session: Session, principal: Principal, kind: str, before: int, after: int, *, request_id: str | None = None
) -> int:
    """Have two results of a project, or two aggregations, compared by a worker; the id of the restatement, which is
    PENDING. Raises Invalid for one that the caller cannot see, and results of different projects."""
    require_comparable(session, principal, kind, before, after)
    restatement = Restatement(
        user_id=principal.user_id, kind=kind, before_id=before, after_id=after, request_id=request_id
    )
    session.add(restatement)
    session.flush()
    session.execute(select(func.pg_notify(CHANNEL, str(restatement.id))))
    return restatement.id


def require_comparable(session: Session, principal: Principal, kind: str, before: int, after: int) -> None:
    """Raises Invalid, by the names of the fields."""
    for field, id in (("before", before), ("after", after)):
        try:
            find(session, principal, Aggregation if kind == AGGREGATIONS else ProjectResult, id)
        except NotFound as error:
            raise Invalid({field: [invalid_pk(id)]}) from error
    if before == after:
        raise Invalid({"after": [SAME]})
    if kind == RESULTS:
        of_both = select(func.count(ProjectResult.project_id.distinct())).where(ProjectResult.id.in_([before, after]))
        if session.scalars(of_both).one() != 1:
            raise Invalid({"after": [OTHER_PROJECT.format(after, before)]})


def newest_restatements(session: Session, principal: Principal, limit: int) -> Sequence[Restatement]:
    """The newest restatements that the principal can see."""
    own = select(Restatement).where(visible(principal, Restatement))
    return session.scalars(own.order_by(Restatement.id.desc()).limit(limit)).all()


def totals(session: Session, ids: Sequence[int]) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    """What moved in restatements, in kWh, added up over the projects: for each `trace_interpretation` and `method`
    (metered, normalized) `projects`, `before`, `after`, `moved`, and the part of every cause in CAUSES."""
    row = RestatedSavings
    keys = (row.restatement_id, row.trace_interpretation, row.method)
    statement = select(
        *keys,
        func.count().label("projects"),
        func.sum(row.before).label("before"),
        func.sum(row.after).label("after"),
        *(func.sum(getattr(row, cause)).label(cause) for cause in CAUSES),
    )
    statement = statement.where(among(row.restatement_id, ids)).group_by(*keys).order_by(*keys)
    found: dict[int, list[Mapping[str, Any]]] = {}
    for each in session.execute(statement):
        values = dict(each._mapping)
        found.setdefault(values.pop("restatement_id"), []).append(with_moved(values))
    return found


def with_moved(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row with `moved`, which is after less before; what there is not counts as 0."""
    return {**row, "moved": (row["after"] or 0.0) - (row["before"] or 0.0)}


def savings_statement(principal: Principal, restatement_id: int) -> Select[Any]:
    """What moved, by project, in the order of COLUMNS; what moved most comes first. Projects that the principal does
    not see any more have no names."""
    row = RestatedSavings
    moved = func.coalesce(row.after, 0) - func.coalesce(row.before, 0)
    return (
        select(
            row.project_id,
            Project.project_id.label("project_name"),
            row.trace_interpretation,
            row.method,
            row.before,
            row.after,
            moved.label("moved"),
            *(getattr(row, cause) for cause in CAUSES),
            func.array_to_string(row.notes, " ").label("notes"),
        )
        .outerjoin(Project, (Project.id == row.project_id) & visible(principal, Project))
        .where(row.restatement_id == restatement_id)
        .order_by(func.abs(moved).desc(), row.project_id, row.trace_interpretation, row.method)
    )


def savings_file(session: Session, principal: Principal, id: int, format: Format) -> File:
    """What moved, by project, as a file; raises NotFound."""
    restatement = find(session, principal, Restatement, id)
    rows = chunks_of(session, savings_statement(principal, restatement.id))
    return File(f"restatement_{id}", format, write(format, COLUMNS, rows))


def largest_movements(
    session: Session, principal: Principal, restatement: Restatement, limit: int
) -> Sequence[Row[Any]]:
    """What moved most, as rows with the names of COLUMNS."""
    return session.execute(savings_statement(principal, restatement.id).limit(limit)).all()


def delete_restatement(session: Session, principal: Principal, id: int) -> None:
    """Delete a restatement, also while it is being computed; raises NotFound."""
    deleted = delete(Restatement).where(Restatement.id == id, changeable(principal, Restatement))
    if session.scalar(deleted.returning(Restatement.id)) is None:
        raise NotFound
