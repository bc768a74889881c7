"""/portal/queue/: the workers and the runs that they compute, for admins."""

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
    return render_template("portal/queue.html", **queue_values())


@blueprint.get("/queue/now/")
def queue_now() -> ResponseReturnValue:
    """The part of it that changes."""
    require_admin()
    return render_template("portal/queue_now.html", **queue_values())


def queue_values() -> dict[str, Any]:
    """`state` of the queue, None where it does not answer, and the `running` runs."""
    state: QueueState | None = None
    with suppress(redis.RedisError):
        state = queue_state(settings().redis_url)
    return {"state": state, "running": running()}


def running() -> Sequence[Row[ProjectRun, str]]:
    """The runs that are being computed, the longest at work first, each with the project_id."""
    runs = select(ProjectRun, Project.project_id).join(Project, Project.id == ProjectRun.project_id)
    return session().execute(runs.where(ProjectRun.status == RUNNING).order_by(ProjectRun.started).limit(SHOWN)).all()
