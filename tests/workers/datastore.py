"""A project with a weather station, given traces and run without a queue."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import select

from eeds.accounts.operations import create_user
from eeds.accounts.principal import principal_of
from eeds.db.engine import Database, psycopg_connection
from eeds.db.tables import ConsumptionMetadata, Project, ProjectResult, ProjectRun
from eeds.jobs import leases
from eeds.runs import lifecycle as runs
from eeds.runs.operations import request_run
from eeds.weather.store import store
from tests.readings import store_series
from workers.claimed_job import failing
from workers.jobs import compute_and_store

ROOF = "roof"
FIRST = np.datetime64("2013-01-01T00", "s")
DAY = np.timedelta64(86_400, "s")


@dataclass
class Datastore:
    """A project with an owner and a weather station, to be given traces and run."""

    database: Database

    def trace(self, values: Any, interpretation: str = "E_C_S") -> int:
        """A trace of daily readings from FIRST on, a record at the end of the last one included."""
        unit = "THM" if interpretation == "NG_C_S" else "KWH"
        with self.database.session() as session:
            trace = ConsumptionMetadata(project_id=1, interpretation=interpretation, unit=unit)
            session.add(trace)
            session.flush()
            store_series(psycopg_connection(session), trace.id, str(FIRST), DAY, values)
            return trace.id

    def change(self, **values: Any) -> None:
        """Change the project."""
        with self.database.session() as session:
            project = session.get_one(Project, 1)
            for name, value in values.items():
                setattr(project, name, value)

    def order(self, **settings: Any) -> int:
        """A run that waits."""
        with self.database.session() as session:
            return request_run(session, principal_of(session, 1), 1, {"weather_station": ROOF, **settings})

    def claim(self, run: int) -> runs.ClaimedRun:
        """A run in the hands of a worker."""
        with self.database.connection() as connection:
            held = leases.claim_job(connection, runs.RUNS, run)
        assert held is not None
        return held

    def run(self, **settings: Any) -> ProjectRun:
        """The run of such settings, ended."""
        return self.end(self.claim(self.order(**settings)))

    def end(self, held: runs.ClaimedRun) -> ProjectRun:
        """The run, when the worker has ended it."""
        with failing(self.database, held):
            compute_and_store(self.database, held)
        with self.database.session() as session:
            return session.get_one(ProjectRun, held.id)

    def results(self) -> list[ProjectResult]:
        """All that is stored."""
        with self.database.session() as session:
            return list(session.scalars(select(ProjectResult).order_by(ProjectResult.id)))


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def project_with_weather(database: Database) -> Datastore:
    """The project, and two years of temperatures of ROOF."""
    with database.session() as session:
        create_user(session, "owner")
        session.add(
            Project(
                project_id="ABC",
                project_owner_id=1,
                baseline_period_end=day("2014-01-01"),
                reporting_period_start=day("2014-02-01"),
            )
        )
    with database.connection() as connection:
        hours = FIRST + np.arange(24 * 730) * np.timedelta64(3600, "s")
        store(connection, [ROOF] * len(hours), hours, 50 - 30 * np.cos(np.arange(len(hours)) * 2 * np.pi / 8766))
    return Datastore(database)
