"""/portal/queue/: the workers and the runs that they compute, for admins."""

from typing import Any

import redis
from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from eeds.db.engine import psycopg_connection
from eeds.db.tables import Project, ProjectRun
from eeds.jobs.queue_name import queue_of
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
    """`state` of the queue, and the `running` runs, the longest at work first, each with the project_id."""
    runs = select(ProjectRun, Project.project_id).join(Project, Project.id == ProjectRun.project_id)
    running = runs.where(ProjectRun.status == RUNNING).order_by(ProjectRun.started).limit(SHOWN)
    return {"state": current_queue(), "running": session().execute(running).all()}


def current_queue() -> QueueState | None:
    """The queue that all owners share, and its workers; None where it does not answer."""
    try:
        return queue_state(settings().redis_url, queue_of(psycopg_connection(session())))
    except redis.RedisError:
        return None
