"""/portal/queue/: the workers and what they are at, for admins."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import redis
from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Row, select

from eeds.db.tables import Project, ProjectRun
from eeds.jobs.queue_state import QueueState, queue_state
from eeds.jobs.status import RUNNING
from eeds.portal.blueprint import blueprint
from eeds.portal.users import require_admin
from eeds.web.context import session, settings

SHOWN = 200


@blueprint.get("/queue/")
def queue() -> ResponseReturnValue:
    """The page."""
    require_admin()
    return render_template("portal/queue.html", **at_this_moment())


@blueprint.get("/queue/now/")
def queue_now() -> ResponseReturnValue:
    """The part of it that changes."""
    require_admin()
    return render_template("portal/queue_now.html", **at_this_moment())


def at_this_moment() -> dict[str, Any]:
    """What the queue says, None where it does not answer, and the runs that are being computed."""
    state: QueueState | None = None
    with suppress(redis.RedisError):
        state = queue_state(settings().redis_url)
    return {"state": state, "running": running()}


def running() -> Sequence[Row[ProjectRun, str]]:
    """The longest at work first."""
    found = select(ProjectRun, Project.project_id).join(Project, Project.id == ProjectRun.project_id)
    return session().execute(found.where(ProjectRun.status == RUNNING).order_by(ProjectRun.started).limit(SHOWN)).all()
