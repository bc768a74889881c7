"""However many runs, exports and loads have ended, what looks for others, or counts them, reads few of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal, principal_of
from eeds.db.engine import Database, psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import Project
from eeds.exports.lifecycle import EXPORTS, ClaimedExport, delete_expired
from eeds.exports.selection import exported_results
from eeds.jobs import leases
from eeds.projects.listing import list_projects, listing_of
from eeds.projects.selection import ALL_PROJECTS, Selection
from eeds.records.loads import delete_old_loads, end_lost_loads, newest_loads
from eeds.runs.changes import cancel_runs, failures_of_projects, retry_runs, runs_of_projects
from eeds.runs.lifecycle import RUNS, add_up_counts
from eeds.runs.operations import request_run
from eeds.runs.progress import count_runs, oldest_pending_seconds
from eeds.runs.results.findings import runs_of
from eeds.runs.results.kept_fits import kept_fits
from eeds.weather.errors import LACKS_WEATHER
from tests.conftest import emptied

PROJECTS, ENDED, WAITING = 20, 100_000, 10
# Entries of indexes and rows: some for each project and each run that waits, and no more for the runs that have ended.
FEW = 20 * (PROJECTS + WAITING)
TABLES = ("project_runs", "project_results", "exports", "loads")
MAKE = f"""
INSERT INTO users (name) VALUES ('ada'), ('eve');
INSERT INTO project_owners (user_id) SELECT id FROM users ORDER BY id;
INSERT INTO projects (project_id, project_owner_id) SELECT 'P' || n, 1 + n % 2 FROM generate_series(1, {PROJECTS}) AS n;
INSERT INTO project_runs (project_id, meter_class, status, started, updated, enqueued)
SELECT 1 + n % {PROJECTS}, 'x', CASE n % 10 WHEN 0 THEN 'FAILED' ELSE 'SUCCESS' END, now(), now(), now()
FROM generate_series(1, {ENDED}) AS n;
INSERT INTO project_results (project_id, project_run_id) SELECT project_id, id FROM project_runs;
INSERT INTO project_runs (project_id, meter_class) SELECT n, 'x' FROM generate_series(1, {WAITING}) AS n;
UPDATE project_runs SET status = 'RUNNING', lease_expires = now() + interval '1 hour' WHERE id = {ENDED} + 1;
UPDATE project_runs SET enqueued = now() - interval '1 hour' WHERE id = {ENDED} + 2;
INSERT INTO exports (user_id, kind, format, status) SELECT 1, 'months', 'csv', 'SUCCESS'
FROM generate_series(1, {ENDED}) AS n;
INSERT INTO exports (user_id, kind, format) VALUES (1, 'months', 'csv');
INSERT INTO loads (project_owner_id, user_id, kind, file_name, size, sha256, is_dry_run, status, ended)
SELECT 1, 1, 'energy', 'a.csv', 1, '', false, 'SUCCESS', now() FROM generate_series(1, {ENDED}) AS n;
"""
READ = """
SELECT sum(pg_stat_get_xact_tuples_returned(oid))
FROM (
    SELECT unnest(%(tables)s::regclass[]) AS oid
    UNION ALL
    SELECT indexrelid FROM pg_index WHERE indrelid = ANY(%(tables)s::regclass[])
) AS read
"""


@pytest.fixture(scope="module")
def many(database_url: str) -> Iterator[Database]:
    """A database with many of them."""
    with emptied(database_url) as database:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(MAKE.encode())
            connection.execute(f"VACUUM ANALYZE {', '.join(TABLES)}, projects, run_counts".encode())
        yield database
    with emptied(database_url):
        pass


def entries_read(session: Session) -> int:
    """Rows that the session's transaction has read of the tables one after the other, and entries of their indexes."""
    found = psycopg_connection(session).execute(READ, {"tables": list(TABLES)}).fetchone()
    assert found is not None
    return int(found[0])


def as_connection(step: Callable[..., Any], *arguments: Any) -> Callable[[Session, Principal], Any]:
    """A step that takes a connection before its arguments."""
    return lambda session, principal: step(psycopg_connection(session), *arguments)


def stated(name: str, **parameters: Any) -> Callable[[Session, Principal], Any]:
    """A statement of sql/queries."""
    return lambda session, principal: psycopg_connection(session).execute(query(name), parameters)


RUN = leases.ClaimedJob(RUNS, ENDED + 1, 0)  # as MAKE leaves it
STEPS: dict[str, Callable[[Session, Principal], Any]] = {
    "relay: sweep": as_connection(leases.sweep_jobs, RUNS),
    "relay: sweep exports": as_connection(leases.sweep_jobs, EXPORTS),
    "relay: offer again": as_connection(leases.offer_unqueued_jobs, RUNS, [1, 2, 3]),
    "relay: offer exports again": as_connection(leases.offer_unqueued_jobs, EXPORTS, []),
    "relay: waiting": as_connection(leases.waiting_jobs, RUNS, 8),
    "relay: waiting exports": as_connection(leases.waiting_jobs, EXPORTS),
    "relay: enqueued": as_connection(leases.mark_enqueued, RUNS, [ENDED + 3]),
    "relay: expired exports": as_connection(delete_expired),
    "relay: old loads": as_connection(delete_old_loads),
    "relay: counts": as_connection(add_up_counts),
    "worker: claim": as_connection(leases.claim_job, RUNS, ENDED + 4),
    "worker: renew": as_connection(leases.renew_lease, RUN),
    "worker: release": as_connection(leases.release_job, RUN),
    "worker: end": as_connection(leases.fail_job, RUN, "why"),
    "worker: kept fits": as_connection(kept_fits, 1),
    "worker: results of an export": lambda session, principal: session.execute(
        exported_results(principal, ClaimedExport(EXPORTS, 1, 1, 1, "months", "csv", None, False))
    ).all(),
    "web: request": lambda session, principal: request_run(session, principal, 2),
    "web: cancel": stated("runs/cancel_runs", ids=[ENDED + 5], by="ann"),
    "web: cancel of all projects": lambda session, principal: cancel_runs(
        session, principal, runs_of_projects(principal, ALL_PROJECTS)
    ),
    "web: retry of a project": lambda session, principal: retry_runs(
        session, principal, failures_of_projects(principal, Selection(Project.id == 1))
    ),
    "web: oldest wait": lambda session, principal: oldest_pending_seconds(session),
    "web: counts": stated("runs/run_states"),
    "web: progress of projects": lambda session, principal: count_runs(session, principal, of_projects=[]),
    "web: progress of a project": lambda session, principal: count_runs(
        session, principal, of_projects=[Project.id == 1]
    ),
    "web: runs of a project": lambda session, principal: runs_of(session, principal, session.get_one(Project, 2)),
    "web: projects": lambda session, principal: list_projects(session, listing_of(session, principal, {})),
    "web: projects by status": lambda session, principal: list_projects(
        session, listing_of(session, principal, {"sort": "status", "status": "FAILED"})
    ),
    "web: lost loads": as_connection(end_lost_loads),
    "web: newest loads": lambda session, principal: newest_loads(session, principal, 20),
    "doctor: relay": stated("runs/runs_without_relay", seconds=80),
    "doctor: weather": stated("weather/projects_without_weather", lacks_weather=LACKS_WEATHER),
}


@pytest.mark.parametrize("is_admin", [False, True], ids=["owner", "admin"])
@pytest.mark.parametrize("step", STEPS)
def test_few_are_read(many: Database, step: str, is_admin: bool) -> None:
    with Session(many.engine) as session:
        principal = replace(principal_of(session, 1), is_admin=is_admin)
        before = entries_read(session)
        STEPS[step](session, principal)
        assert entries_read(session) - before <= FEW
        session.rollback()
