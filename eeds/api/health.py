"""/health/: whether the process lives, and can do its work. It needs no token and shows nothing private."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from flask import Blueprint, Response
from psycopg import OperationalError
from psycopg.errors import DiskFull
from sqlalchemy.exc import OperationalError as DatabaseAway

from eeds.db.migrate import migrations
from eeds.errors import ConfigurationError
from eeds.jobs.queue_name import queue_of
from eeds.jobs.queue_state import relay_is_at_work, require_answer
from eeds.runs.progress import oldest_pending_seconds
from eeds.web.context import database, settings
from eeds.web.responses import answer

NO_RELAY = "is not at work; start: python -m workers.relay"

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
def live() -> Response:
    """The process answers."""
    return answer({"status": "ok"})


@blueprint.get("/ready")
def ready() -> Response:
    """Database, migrations, queue and relay, each "ok" or what is wrong; 503 if anything is."""
    checks: dict[str, Any] = {}
    with checking(checks, "database"), database().connection() as connection:
        connection.execute("SELECT pg_export_snapshot()")  # a small file, gone at once: is there room for it?
    with checking(checks, "migrations"), database().connection() as connection:
        missing = [migration for migration in migrations(connection) if not migration.applied]
        connection.rollback()
        if missing:
            raise ConfigurationError(f"{len(missing)} migrations are missing; run: eeds db upgrade")
    with checking(checks, "queue"):
        require_answer(settings().redis_url)
    with checking(checks, "relay"), database().connection() as connection:
        if not relay_is_at_work(settings().redis_url, queue_of(connection)):
            raise ConfigurationError(NO_RELAY)
    if any(outcome != "ok" for outcome in checks.values()):
        return answer({"status": "unavailable", **checks}, 503)
    with database().session() as session:
        return answer({"status": "ok", **checks, "oldest_pending_run_seconds": oldest_pending_seconds(session)})


@contextmanager
def checking(checks: dict[str, Any], name: str) -> Iterator[None]:
    """Note under a name that the block has run to its end, "ok", or why not."""
    try:
        yield
        checks[name] = "ok"
    except DiskFull:
        checks[name] = "its disk is full"
    except (OperationalError, DatabaseAway, redis.RedisError):
        checks[name] = "does not answer"
    except ConfigurationError as error:
        checks[name] = str(error)
