"""Projects, a row each: how many runs, results and traces they have, how the latest run ended, and what
the latest result says of their data.

The columns of the original's portal come first, then our own.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import collate, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import Project
from eeds.exports.lifecycle import ClaimedExport
from eeds.exports.selection import is_exported
from eeds.formats.table import Batch, Column, Table, Type, columns
from eeds.jobs.status import STATUSES
from eeds.meter.names import INTERPRETATIONS

IN_ORDER = ("E_C_S", "E_C_N", "E_C_T", "E_OSG_T", "E_OSG_C", "E_OSG_U", "NG_C_S")
ADDED = ("FO_C_S", "P_C_S", "S_C_S", "CW_C_S")  # fuels that the original does not have
COLUMNS = [
    Column("project_pk", Type.INTEGER),
    Column("project_id", Type.TEXT),
    *columns(Type.INTEGER, "project_result_count", "project_run_count"),
    *columns(Type.INTEGER, *(f"project_run_count-{status}" for status in STATUSES)),
    Column("consumption_metadata_count", Type.INTEGER),
    *columns(Type.INTEGER, *(f"consumption_metadata_count-{INTERPRETATIONS[code]}" for code in IN_ORDER)),
    Column("latest_run_id", Type.INTEGER),
    *columns(Type.TEXT, "latest_run_status", "latest_run_message"),
    *columns(Type.INTEGER, *(f"consumption_metadata_count-{INTERPRETATIONS[code]}" for code in ADDED)),
    Column("latest_result_flags", Type.TEXT),
    Column("latest_result_stale_since", Type.INSTANT),
]
PROJECTS_OF_A_BATCH = 500


def table(session: Session, principal: Principal, export: ClaimedExport) -> Table:
    """The projects, in order of their project_id."""
    chosen = select(Project.id).where(is_exported(principal, export))
    ids = session.scalars(chosen.order_by(collate(Project.project_id, "C"), Project.id)).all()
    return Table(COLUMNS, len(ids), batches(session, ids))


def batches(session: Session, ids: Sequence[int]) -> Iterator[Batch]:
    """The rows, at most PROJECTS_OF_A_BATCH at a time."""
    for first in range(0, len(ids), PROJECTS_OF_A_BATCH):
        parameters = {"ids": ids[first : first + PROJECTS_OF_A_BATCH]}
        yield psycopg_connection(session).execute(query("exports/export_diagnostics"), parameters).fetchall()
