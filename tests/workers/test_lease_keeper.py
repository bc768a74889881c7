"""What keeps a lease ends a job that hangs, and frees the run of one that is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from eeds.accounts.operations import create_user
from eeds.accounts.principal import principal_of
from eeds.db.engine import Database
from eeds.db.tables import Project, ProjectRun
from eeds.jobs import leases
from eeds.jobs.processes import spawn
from eeds.runs import lifecycle as runs
from eeds.runs.operations import request_run
from tests.workers.family import eventually

ROOT = Path(__file__).parents[2]
JOB = """
import os, re, signal, sys, time
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.jobs.leases import claim_job
from eeds.runs.lifecycle import RUNS
from workers.lease_keeper import hold_stops, keeping_lease

settings = Settings.from_env()
database = Database(settings.database_url)
hold_stops()
with database.connection() as connection:
    held = claim_job(connection, RUNS, int(sys.argv[1]))
{early}
with keeping_lease(settings, held):
    print("held", flush=True)
    {work}
"""
# A regular expression that ends in years: compiled code, which does not give the interpreter back.
HANGS = "re.match('(a|a)*b', 'a' * 60)"
# Long before the lease lapses by itself.
SECONDS = leases.LEASE_SECONDS / 2
GONE_SECONDS = 60


@pytest.fixture
def run(database: Database) -> int:
    with database.session() as session:
        user = create_user(session, "owner")
        session.add(Project(project_id="ABC", project_owner_id=1))
        session.flush()
        return request_run(session, principal_of(session, user.id), 1)


def start(
    run: int, work: str, database_url: str, data_dir: Path, *, timeout: int = 600, early: str = ""
) -> "subprocess.Popen[bytes]":
    """A process that has claimed the run and is at work; `early` it does before its lease is kept."""
    limits = {"DATABASE_URL": database_url, "EEDS_DATA_DIR": str(data_dir), "EEDS_RUN_TIMEOUT": str(timeout)}
    command = [sys.executable, "-c", JOB.format(work=work, early=early), str(run)]
    env = {**os.environ, **limits}
    process = spawn(command, when_orphaned=signal.SIGKILL, output=subprocess.PIPE, env=env, cwd=ROOT)
    assert process.stdout is not None
    with process.stdout as said:
        assert said.readline() == b"held\n"
    return process


def row(database: Database, run: int) -> ProjectRun:
    with database.session() as session:
        return session.get_one(ProjectRun, run)


def test_a_run_that_hangs_in_compiled_code(database: Database, database_url: str, tmp_path: Path, run: int) -> None:
    job = start(run, HANGS, database_url, tmp_path, timeout=1)
    assert job.wait(GONE_SECONDS) == -signal.SIGKILL
    ended = row(database, run)
    assert (ended.status, ended.lost) == ("FAILED", 0)
    assert ended.traceback == (
        "The run took longer than 1 s (EEDS_RUN_TIMEOUT). "
        "Run it with fewer traces or a shorter baseline, or raise the limit."
    )


def test_the_run_of_a_killed_job_is_free_before_its_lease_is_over(
    database: Database, database_url: str, tmp_path: Path, run: int
) -> None:
    job = start(run, HANGS, database_url, tmp_path)
    assert sweep(database) == {}
    job.kill()
    job.wait()
    assert eventually(lambda: sweep(database), SECONDS) == {run: "PENDING"}
    assert row(database, run).lost == 1


def sweep(database: Database) -> dict[int, str]:
    with database.connection() as connection:
        return leases.sweep_jobs(connection, runs.RUNS)


def test_a_stop_that_comes_before_the_keeper_is_not_lost(
    database: Database, database_url: str, tmp_path: Path, run: int
) -> None:
    """Off: with SIGTERM ignored from the claim on, the job goes on."""
    job = start(run, HANGS, database_url, tmp_path, early="os.kill(os.getpid(), signal.SIGTERM)")
    assert job.wait(GONE_SECONDS) == -signal.SIGKILL
    stopped = row(database, run)
    assert (stopped.status, stopped.lost) == ("PENDING", 0)


def test_a_job_that_ends_leaves_nothing_behind(database: Database, database_url: str, tmp_path: Path, run: int) -> None:
    work = "import psutil; (keeper,) = psutil.Process().children(); open('keeper', 'w').write(str(keeper.pid))"
    job = start(run, work.replace("keeper'", f"{tmp_path}/keeper'"), database_url, tmp_path)
    assert job.wait(GONE_SECONDS) == 0
    assert not psutil.pid_exists(int((tmp_path / "keeper").read_text()))
    assert row(database, run).status == "RUNNING"
    assert sweep(database) == {}


SHARED = """
import os, signal, sys
import psutil
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.jobs.leases import claim_job, end_job
from eeds.runs.lifecycle import RUNS
from workers import lease_keeper

settings = Settings.from_env()
lease_keeper.start_keeper(settings)
shared = psutil.Process(lease_keeper.of_worker.pid)
database = Database(settings.database_url)

def keepers(run):
    with database.connection() as connection:
        held = claim_job(connection, RUNS, run)
    with lease_keeper.keeping_lease(settings, held):
        found = psutil.Process().children()
        with database.connection() as connection:
            end_job(connection, held, "SUCCESS", None)
    return found

first, second, third = map(int, sys.argv[1:])
assert keepers(first) == [shared]
assert keepers(second) == [shared]
shared.kill()
shared.wait()
own, = keepers(third)
assert own != shared and not own.is_running()
"""


def test_a_worker_has_one_keeper_and_where_that_is_killed_a_job_has_its_own(
    database: Database, database_url: str, tmp_path: Path, run: int
) -> None:
    with database.session() as session:
        ids = [run, *(request_run(session, principal_of(session, 1), 1) for _ in range(2))]
    env = {**os.environ, "DATABASE_URL": database_url, "EEDS_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", SHARED, *map(str, ids)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=GONE_SECONDS)
    assert (done.returncode, done.stderr) == (0, "")
    assert [row(database, id).status for id in ids] == ["SUCCESS"] * 3
