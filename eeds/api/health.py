"""/health/: whether the process lives, and can do its work. It needs no token and shows nothing private."""

from collections.abc import Callable
from typing import Any

import redis
from flask import Blueprint, Response
from psycopg import OperationalError
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError as DatabaseAway

from eeds.db.migrate import migration_status
from eeds.db.tables import ProjectRun
from eeds.errors import ConfigurationError
from eeds.web.context import database, settings
from eeds.web.responses import answer

TIMEOUT_SECONDS = 1

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
def live() -> Response:
    """The process answers."""
    return answer({"status": "ok"})


@blueprint.get("/ready")
def ready() -> Response:
    """Database, migrations and queue, each "ok" or what is wrong; 503 if anything is."""
    checks = {name: outcome(check) for name, check in CHECKS.items()}
    good = all(result == "ok" for result in checks.values())
    return answer({"status": "ok" if good else "unavailable", **checks, **oldest_pending(good)}, 200 if good else 503)


def outcome(check: Callable[[], None]) -> str:
    """ "ok", or why not."""
    try:
        check()
    except (OperationalError, DatabaseAway, redis.RedisError):
        return "does not answer"
    except ConfigurationError as error:
        return str(error)
    return "ok"


def database_answers() -> None:
    """Raises OperationalError if the database does not answer."""
    with database().connection() as connection:
        connection.execute("SELECT 1")


def migrations_current() -> None:
    """Raises ConfigurationError if the schema is not the one of this code."""
    missing = [m.name for m in migration_status(settings().database_url) if not m.applied]
    if missing:
        raise ConfigurationError(f"{len(missing)} migrations are missing; run: eeds db upgrade")


def queue_answers() -> None:
    """Raises RedisError if Redis does not answer."""
    with redis.from_url(settings().redis_url, socket_timeout=TIMEOUT_SECONDS) as queue:
        queue.ping()


CHECKS = {"database": database_answers, "migrations": migrations_current, "queue": queue_answers}


def oldest_pending(reachable: bool) -> dict[str, Any]:
    """How many seconds the oldest waiting run has waited; null if none waits."""
    if not reachable:
        return {}
    age = func.extract("epoch", func.now() - func.min(ProjectRun.added))
    with database().session() as session:
        seconds = session.scalar(select(age).where(ProjectRun.status == "PENDING"))
    return {"oldest_pending_run_seconds": None if seconds is None else float(seconds)}
