"""Project runs: PENDING -> RUNNING -> SUCCESS or FAILED.

The row is the truth and the queue a hint: a run is requested by committing its row, the relay puts its id into the
queue, and the worker that takes it from there must claim the row before it begins: see eeds.jobs.leases.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.db.statements import query
from eeds.jobs.leases import ClaimedJob, JobTable, end_job
from eeds.jobs.queue_name import RUN_LANE
from eeds.jobs.status import SUCCESS

METER_CLASS = "EnergyEfficiencyMeter"
MOST_COUNTS = 1000


@dataclass(frozen=True)
class ClaimedRun(ClaimedJob):
    """A run in the hands of one worker."""

    project_id: int
    meter_class: str
    meter_settings: dict[str, Any] | None


RUNS = JobTable(
    name="project_runs",
    noun="run",
    claimed=ClaimedRun,
    reason="traceback",
    function="workers.jobs.execute_project_run",
    queue_word="project_run",
    lane=RUN_LANE,
    advice="Run it with fewer traces or a shorter baseline, or raise the limit.",
)


def add_up_counts(connection: PsycopgConnection) -> None:
    """Add up the rows that say how many runs there are of each status, when there are many."""
    connection.execute(query("runs/add_up_run_counts"), {"most": MOST_COUNTS})


def succeed(session: Session, run: ClaimedRun) -> None:
    """End the run as SUCCESS in the transaction that stores its result; raises LeaseLost."""
    end_job(psycopg_connection(session), run, SUCCESS, None)
