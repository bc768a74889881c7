"""/portal/: how much there is, how far the runs are, and whether everything works."""

from datetime import datetime
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Row, Select, func, lateral, literal_column, select, text, true
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import ConsumptionMetadata, ConsumptionRecord, Project, ProjectResult, ProjectRun
from eeds.jobs.status import FAILED, PENDING
from eeds.portal.blueprint import blueprint
from eeds.portal.queue import current_queue
from eeds.portal.runs import progress_in_percent
from eeds.projects.latest import latest_ids
from eeds.weather.errors import LACKS_WEATHER
from eeds.web.context import principal, session

# Counting more would keep a page waiting.
COUNTED = 200_000


@blueprint.get("/")
def overview() -> ResponseReturnValue:
    """The first page after the login."""
    return render_template(
        "portal/overview.html",
        totals=totals(session(), principal()),
        records=records(session(), principal()),
        newest=newest_reading(session(), principal()),
        without_weather=without_weather(session(), principal()),
        queue=current_queue(),
        oldest_seconds=oldest_wait(session()),
        progress=progress_in_percent(),
    )


def totals(session: Session, principal: Principal) -> Row[Any]:
    """How many `projects`, `traces` and `results` the principal can see."""
    models = {"projects": Project, "traces": ConsumptionMetadata, "results": ProjectResult}
    counts = (
        select(func.count()).select_from(model).where(visible(principal, model)).scalar_subquery().label(name)
        for name, model in models.items()
    )
    return session.execute(select(*counts)).one()


def records(session: Session, principal: Principal) -> dict[str, int]:
    """The `number` of records, exact as far as that is quick.

    Beyond, for an admin what the database's own statistics say, which is `about` right, else that there are `more`.
    """
    some: Select[Any] = (
        select(literal_column("1")).where(visible(principal, ConsumptionRecord)).select_from(ConsumptionRecord)
    )
    number = session.scalars(select(func.count()).select_from(some.limit(COUNTED + 1).subquery())).one()
    if number <= COUNTED:
        return {"number": number}
    estimate = int(session.scalars(text(query("records/estimate_records"))).one()) if principal.is_admin else 0
    return {"number": estimate, "about": True} if estimate > COUNTED else {"number": COUNTED, "more": True}


def newest_reading(session: Session, principal: Principal) -> datetime | None:
    """When the newest reading of all began; an index look-up for each trace."""
    last = select(func.max(ConsumptionRecord.start).label("start")).where(
        ConsumptionRecord.metadata_id == ConsumptionMetadata.id
    )
    newest = lateral(last, "newest")
    traces = select(func.max(newest.c.start)).select_from(ConsumptionMetadata).join(newest, true())
    newest_start: datetime | None = session.scalar(traces.where(visible(principal, ConsumptionMetadata)))
    return newest_start


def without_weather(session: Session, principal: Principal) -> int:
    """How many projects had no weather in their latest run."""
    latest = latest_ids(ProjectRun, visible(principal, ProjectRun))
    lacking: ColumnElement[bool] = ProjectRun.traceback.regexp_match(LACKS_WEATHER)
    failed = select(func.count()).where(ProjectRun.id.in_(latest), ProjectRun.status == FAILED, lacking)
    return session.scalars(failed).one()


def oldest_wait(session: Session) -> float | None:
    """How long the oldest run of all owners waits, in seconds; None if none waits. It says nothing of whose it is."""
    states = psycopg_connection(session).execute(query("runs/run_states")).fetchall()
    return next((seconds for status, number, seconds in states if status == PENDING and number), None)
