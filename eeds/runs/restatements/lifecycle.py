"""Restatements as jobs: rows that workers claim and end, see eeds.jobs.leases; what is found is stored at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import RestatedSavings
from eeds.jobs.leases import ClaimedJob, JobTable, change_or_lose, end_job
from eeds.jobs.queue_name import RUN_LANE
from eeds.jobs.status import SUCCESS
from eeds.runs.restatements.steps import CAUSES, Key, Movement


@dataclass(frozen=True)
class ClaimedRestatement(ClaimedJob):
    """A restatement in the hands of one worker."""

    user_id: int
    kind: str
    before_id: int
    after_id: int


RESTATEMENTS = JobTable(
    name="restatements",
    noun="restatement",
    claimed=ClaimedRestatement,
    reason="message",
    function="workers.restatement_jobs.compare",
    queue_word="restatement",
    lane=RUN_LANE,
    advice="Compare aggregations of fewer projects, or raise the limit.",
    one_per_user=True,
)


def begin(connection: PsycopgConnection, restatement: ClaimedRestatement, projects: int) -> None:
    """Store how many projects are compared, and delete what an earlier attempt has found; raises LeaseLost."""
    change_or_lose(connection, query("restatements/begin_restatement"), restatement, projects=projects)


def add_project(
    session: Session,
    restatement: ClaimedRestatement,
    project_id: int,
    movements: Mapping[Key, Movement],
    notes: Sequence[str],
) -> None:
    """Store what moved of a project. Raises LeaseLost."""
    rows = [
        {
            "restatement_id": restatement.id,
            "project_id": project_id,
            "trace_interpretation": interpretation,
            "method": method,
            "before": movement.before,
            "after": movement.after,
            **{cause: movement.of(cause) for cause in CAUSES},
            "notes": list(notes),
        }
        for (interpretation, method), movement in movements.items()
    ]
    if rows:
        session.execute(insert(RestatedSavings), rows)
    change_or_lose(psycopg_connection(session), query("restatements/count_project"), restatement)


def succeed(session: Session, restatement: ClaimedRestatement) -> None:
    """End the restatement as SUCCESS; raises LeaseLost."""
    end_job(psycopg_connection(session), restatement, SUCCESS, None)
