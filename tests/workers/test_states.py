"""The state machine of runs: one worker at a time holds a run, and only that one ends it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from eeds.accounts.operations import create_user
from eeds.accounts.principal import principal_of
from eeds.db.engine import Database
from eeds.db.statements import query
from eeds.db.tables import Project, ProjectOwner, ProjectRun
from eeds.jobs import leases
from eeds.runs import lifecycle as runs
from eeds.runs.operations import request_run


@pytest.fixture
def project(database: Database) -> int:
    with database.session() as session:
        user = create_user(session, "owner")
        owner = session.scalars(select(ProjectOwner.id).where(ProjectOwner.user_id == user.id)).one()
        project = Project(project_id="ABC", project_owner_id=owner)
        session.add(project)
        session.flush()
        return project.id


def order(database: Database, project: int) -> int:
    with database.session() as session:
        return request_run(session, principal_of(session, 1), project, {"model": "daily"}, request_id="request-1")


def claim(database: Database, run: int) -> runs.ClaimedRun | None:
    with database.connection() as connection:
        return leases.claim_job(connection, runs.RUNS, run)


def claimed(database: Database, run: int) -> runs.ClaimedRun:
    held = claim(database, run)
    assert held is not None
    return held


def row(database: Database, run: int) -> ProjectRun:
    with database.session() as session:
        return session.get_one(ProjectRun, run)


def lapse(database: Database, run: int) -> None:
    """Let the lease of a run lapse, as if its worker had been gone for long."""
    with database.session() as session:
        session.execute(update(ProjectRun).where(ProjectRun.id == run).values(lease_expires=func.now()))


def sweep(database: Database) -> dict[int, str]:
    with database.connection() as connection:
        return leases.sweep_jobs(connection, runs.RUNS)


def test_from_pending_to_success(database: Database, project: int) -> None:
    run = order(database, project)
    assert row(database, run).status == "PENDING"
    held = claimed(database, run)
    assert held == runs.ClaimedRun(runs.RUNS, run, 1, project, runs.METER_CLASS, {"model": "daily"})
    assert row(database, run).status == "RUNNING"
    with database.session() as session:
        runs.succeed(session, held)
    ended = row(database, run)
    assert (ended.status, ended.traceback, ended.lease_expires) == ("SUCCESS", None, None)


def test_to_failed(database: Database, project: int) -> None:
    run = order(database, project)
    held = claimed(database, run)
    with database.connection() as connection:
        leases.fail_job(connection, held, "no weather\0")
    assert (row(database, run).status, row(database, run).traceback) == ("FAILED", "no weather")


def test_what_does_not_wait_is_not_claimed(database: Database, project: int) -> None:
    run = order(database, project)
    claimed(database, run)
    assert claim(database, run) is None
    assert claim(database, 99999) is None


def test_of_many_workers_one_gets_the_run(database: Database, project: int) -> None:
    run = order(database, project)
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: claim(database, run), range(8)))
    assert len([held for held in claims if held]) == 1


def test_a_renewed_lease_is_not_swept(database: Database, project: int) -> None:
    run = order(database, project)
    held = claimed(database, run)
    lapse(database, run)
    with database.connection() as connection:
        assert leases.renew_lease(connection, held)
    assert sweep(database) == {}
    assert row(database, run).status == "RUNNING"


def test_a_late_worker_changes_nothing(database: Database, project: int) -> None:
    run = order(database, project)
    late = claimed(database, run)
    lapse(database, run)
    assert sweep(database) == {run: "PENDING"}
    with database.connection() as connection:
        assert not leases.renew_lease(connection, late)
    with database.session() as session, pytest.raises(leases.LeaseLost):
        runs.succeed(session, late)
    second = claimed(database, run)
    with database.connection() as connection, pytest.raises(leases.LeaseLost):
        leases.fail_job(connection, late, "too late")
    assert (row(database, run).status, second.attempts) == ("RUNNING", 2)


def test_a_run_that_loses_every_worker_fails(database: Database, project: int) -> None:
    run = order(database, project)
    seen = []
    for _ in range(leases.MAX_LOST):
        claimed(database, run)
        lapse(database, run)
        seen.append(sweep(database)[run])
    assert seen == ["PENDING", "PENDING", "FAILED"]
    assert row(database, run).traceback == "worker lost 3 times"


def test_the_queue_is_told_once_and_again_when_it_has_forgotten(database: Database, project: int) -> None:
    run = order(database, project)
    with database.connection() as connection:
        assert leases.waiting_jobs(connection, runs.RUNS, 10) == [leases.PendingJob(run, "request-1")]
        leases.mark_enqueued(connection, runs.RUNS, [run])
        assert leases.waiting_jobs(connection, runs.RUNS, 10) == []
        # a moment ago: a worker may have it
        assert leases.offer_unqueued_jobs(connection, runs.RUNS, queued=[]) == []
    with database.session() as session:
        long_ago = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, leases.OFFER_AGAIN_SECONDS + 1)
        session.execute(update(ProjectRun).values(enqueued=long_ago))
    with database.connection() as connection:
        assert leases.offer_unqueued_jobs(connection, runs.RUNS, queued=[run]) == []
        assert leases.offer_unqueued_jobs(connection, runs.RUNS, queued=[]) == [run]
        assert [waiting.id for waiting in leases.waiting_jobs(connection, runs.RUNS, 10)] == [run]


def test_a_run_given_back_waits_again_and_is_not_counted_as_lost(database: Database, project: int) -> None:
    run = order(database, project)
    for _ in range(2 * leases.MAX_LOST):
        held = claimed(database, run)
        with database.connection() as connection:
            leases.mark_enqueued(connection, runs.RUNS, [run])
            assert leases.release_job(connection, held)
            assert [waiting.id for waiting in leases.waiting_jobs(connection, runs.RUNS, 10)] == [run]
            assert not leases.release_job(connection, held)
    assert (row(database, run).status, row(database, run).lost) == ("PENDING", 0)


def test_a_run_given_back_is_not_its_late_workers_any_more(database: Database, project: int) -> None:
    run = order(database, project)
    late = claimed(database, run)
    with database.connection() as connection:
        leases.release_job(connection, late)
    second = claimed(database, run)
    with database.connection() as connection:
        assert not leases.release_job(connection, late)
        assert not leases.expire_lease(connection, late)
    with database.session() as session, pytest.raises(leases.LeaseLost):
        runs.succeed(session, late)
    with database.session() as session:
        runs.succeed(session, second)


def test_a_lost_run_need_not_wait_for_its_lease(database: Database, project: int) -> None:
    run = order(database, project)
    held = claimed(database, run)
    assert sweep(database) == {}
    with database.connection() as connection:
        assert leases.expire_lease(connection, held)
    assert sweep(database) == {run: "PENDING"}
    assert row(database, run).lost == 1


def test_a_run_that_is_not_committed_does_not_exist(database: Database, project: int) -> None:
    with Session(database.engine) as session:
        request_run(session, principal_of(session, 1), project)
        session.rollback()
    with database.connection() as connection:
        assert leases.waiting_jobs(connection, runs.RUNS, 10) == []


def test_the_runs_are_counted_as_they_change(database: Database, project: int) -> None:
    first, second, *_ = [order(database, project) for _ in range(5)]
    assert counts(database) == {"FAILED": 0, "PENDING": 5, "RUNNING": 0, "SUCCESS": 0}
    with database.session() as session:
        runs.succeed(session, claimed(database, first))
    claimed(database, second)
    assert counts(database) == {"FAILED": 0, "PENDING": 3, "RUNNING": 1, "SUCCESS": 1}
    with database.connection() as connection:
        connection.execute(query("runs/add_up_run_counts"), {"most": 3})
        assert connection.execute("SELECT count(*) FROM run_counts").fetchone() == (3,)
    assert counts(database) == {"FAILED": 0, "PENDING": 3, "RUNNING": 1, "SUCCESS": 1}
    with database.connection() as connection:
        connection.execute("DELETE FROM projects")
    assert set(counts(database).values()) == {0}


def counts(database: Database) -> dict[str, int]:
    with database.connection() as connection:
        return dict(connection.execute(query("runs/run_states")).fetchall())
