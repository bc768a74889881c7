"""The traces of a project that usage points have, by the whole path of customer, account and usage point. Those that
are not there yet are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import invisible_ids
from eeds.db.name_locks import lock_names_in_projects
from eeds.db.tables import ConsumptionMetadata, Project
from eeds.errors import Invalid
from eeds.formats.messages import invalid_pk
from eeds.records.greenbutton.links import UsagePoint
from eeds.records.greenbutton.traces import Trace

SEVERAL = "The project has several traces {} that are {}; give them labels of their own."


@dataclass(frozen=True)
class StoredTrace:
    """A trace of the database: `are_ends_known` if all that is stored of it came from Green Button files."""

    id: int
    label: str | None
    unit: str
    are_ends_known: bool


def find_or_make(session: Session, principal: Principal, project_id: int, traces: Sequence[Trace]) -> list[StoredTrace]:
    """The stored traces of some traces of a body, in their order, in a project of the caller's. Raises Invalid."""
    if invisible_ids(session, principal, Project, {project_id}):
        raise Invalid({"project": [invalid_pk(project_id)]})
    stored = stored_traces(session, project_id)
    known = {each.id for each in stored if each.usage_point is not None}
    if any(match(stored, trace) is None for trace in traces):
        lock_names_in_projects(session, ConsumptionMetadata, [project_id])
        stored = stored_traces(session, project_id)
        for trace in traces:
            if match(stored, trace) is None:
                before = {each.id for each in stored}
                adopt_or_make(session, project_id, trace, stored)
                stored = stored_traces(session, project_id)
                known |= {each.id for each in stored} - before
    rows = [match(stored, trace) for trace in traces]
    return [StoredTrace(row.id, row.label, row.unit, row.id in known) for row in rows if row is not None]


def stored_traces(session: Session, project_id: int) -> Sequence[Any]:
    """All traces of a project."""
    trace = ConsumptionMetadata
    columns = trace.id, trace.interpretation, trace.label, trace.unit, trace.usage_point
    return session.execute(select(*columns).where(trace.project_id == project_id).order_by(trace.id)).all()


def match(stored: Sequence[Any], trace: Trace) -> Any | None:
    """The stored trace of the usage point in that direction; None if there is none."""
    key = trace.interpretation, trace.point.path
    return next((each for each in stored if (each.interpretation, each.usage_point) == key), None)


def adopt_or_make(session: Session, project_id: int, trace: Trace, stored: Sequence[Any]) -> None:
    """Take the trace that has the usage point's id as its label and is nobody else's, or make one. Raises Invalid if
    several have it."""
    point = trace.point
    same_label = [each for each in stored if (each.interpretation, each.label) == (trace.interpretation, point.label)]
    free = [each for each in same_label if each.usage_point is None]
    if len(free) > 1:
        raise Invalid({"non_field_errors": [SEVERAL.format(point.label, trace.interpretation)]})
    if free:
        of_trace = ConsumptionMetadata.id == free[0].id
        session.execute(update(ConsumptionMetadata).where(of_trace).values(usage_point=point.path))
        return
    session.execute(
        insert(ConsumptionMetadata).values(
            project_id=project_id,
            interpretation=trace.interpretation,
            unit=trace.unit,
            label=label_beside(point, same_label),
            usage_point=point.path,
        )
    )


def label_beside(point: UsagePoint, same_label: Sequence[Any]) -> str | None:
    """The label of a new trace: the id of its usage point, or where another one has that, the ids of its path."""
    return point.full_label if same_label else point.label
