"""/portal/: how much there is, how far the runs are, and whether everything works."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import BigInteger, ColumnElement, Row, cast, func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.tables import ConsumptionMetadata, Project, ProjectResult, ProjectRun, TraceExtent
from eeds.jobs.status import FAILED
from eeds.portal.blueprint import blueprint
from eeds.portal.queue import current_queue
from eeds.portal.runs import progress_in_percent
from eeds.projects.latest import latest_ids
from eeds.projects.listing import count_stale, listing_of
from eeds.runs.progress import oldest_pending_seconds
from eeds.weather.errors import LACKS_WEATHER
from eeds.web.context import principal, session


@blueprint.get("/")
def overview() -> ResponseReturnValue:
    """The first page after the login."""
    return render_template(
        "portal/overview.html",
        totals=totals(session(), principal()),
        readings=readings(session(), principal()),
        without_weather=without_weather(session(), principal()),
        stale=count_stale(session(), listing_of(session(), principal(), {})),
        queue=current_queue(),
        oldest_seconds=oldest_pending_seconds(session()),
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


def readings(session: Session, principal: Principal) -> Row[Any]:
    """The `number` of readings that the principal can see, and when the `newest` of them began, None without any."""
    extent = TraceExtent
    number = func.coalesce(cast(func.sum(extent.readings), BigInteger), 0).label("number")
    columns: tuple[Any, ...] = number, func.max(extent.last_start).label("newest")
    return session.execute(select(*columns).where(visible(principal, extent))).one()


def without_weather(session: Session, principal: Principal) -> int:
    """How many projects had no weather in their latest run."""
    latest = latest_ids(ProjectRun, visible(principal, Project))
    lacking: ColumnElement[bool] = ProjectRun.traceback.regexp_match(LACKS_WEATHER)
    failed = select(func.count()).where(ProjectRun.id.in_(latest), ProjectRun.status == FAILED, lacking)
    return session.scalars(failed).one()
