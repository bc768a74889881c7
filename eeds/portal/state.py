"""The state of a datastore for the overview: counts, the newest reading, and the queue and its workers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from sqlalchemy import ColumnElement, Select, func, lateral, literal_column, select, text, true
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import ConsumptionMetadata, ConsumptionRecord, Project, ProjectResult, ProjectRun
from eeds.jobs.queue_state import queue_state
from eeds.jobs.status import FAILED, PENDING
from eeds.projects.latest import latest_ids
from eeds.weather.errors import LACKS_WEATHER

# Counting more would keep a page waiting.
COUNTED = 200_000


@dataclass(frozen=True)
class Count:
    """A number of rows; `about`: it is an estimate, `more`: there are more than that."""

    number: int
    about: bool = False
    more: bool = False


@dataclass(frozen=True)
class Totals:
    """How many projects, traces, records and results a user can see."""

    projects: int
    traces: int
    records: Count
    results: int


@dataclass(frozen=True)
class Queue:
    """The queue and its workers; None for what does not answer."""

    queued: int | None
    workers: int | None
    oldest_seconds: float | None  # how long the oldest run waits

    @property
    def problem(self) -> str:
        """What keeps runs from being computed, empty if nothing does."""
        if self.workers is None:
            return "The queue does not answer. Runs can be ordered, and wait until it does."
        if not self.workers:
            return "No worker listens to the queue. Runs can be ordered, and wait for one."
        return ""


def totals(session: Session, principal: Principal) -> Totals:
    """The counts of what the principal can see: two statements."""
    models = (Project, ConsumptionMetadata, ProjectResult)
    counts = [
        select(func.count()).select_from(model).where(visible(principal, model)).scalar_subquery() for model in models
    ]
    projects, traces, results = session.execute(select(*counts)).one()
    return Totals(projects, traces, records(session, principal), results)


def records(session: Session, principal: Principal) -> Count:
    """Exact as far as that is quick; beyond, of an admin what the database's own statistics say."""
    some: Select[Any] = (
        select(literal_column("1")).where(visible(principal, ConsumptionRecord)).select_from(ConsumptionRecord)
    )
    number = session.scalars(select(func.count()).select_from(some.limit(COUNTED + 1).subquery())).one()
    if number <= COUNTED:
        return Count(number)
    estimate = int(session.scalars(text(query("records/estimate_records"))).one()) if principal.is_admin else 0
    return Count(estimate, about=True) if estimate > COUNTED else Count(COUNTED, more=True)


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


def queue(session: Session, redis_url: str) -> Queue:
    """The queue that all owners share, without anything of whose runs there are."""
    states = psycopg_connection(session).execute(query("runs/run_states")).fetchall()
    oldest = next((seconds for status, number, seconds in states if status == PENDING and number), None)
    try:
        state = queue_state(redis_url)
    except redis.RedisError:
        return Queue(None, None, oldest)
    return Queue(state.queued, len(state.workers), oldest)
