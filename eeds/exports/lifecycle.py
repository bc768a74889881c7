"""Exports: files that a worker builds and a user fetches when they are ready.

An export is a row, claimed and ended like a run: see eeds.jobs.leases. It contains what its user may see when it is
built. Web and workers share no disk, so the file is stored in the database in pieces, and deleted after a day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.db.tables import ExportChunk
from eeds.exports.kinds import KEPT
from eeds.jobs.leases import ClaimedJob, JobTable, change_or_lose
from eeds.jobs.queue_name import EXPORT_LANE

CHUNK_BYTES = 2**20


@dataclass(frozen=True)
class ClaimedExport(ClaimedJob):
    """An export in the hands of one worker."""

    user_id: int
    kind: str
    format: str
    projects: list[int] | None
    every_result: bool
    as_of: datetime | None = None  # of records: when they were stored as they are exported


EXPORTS = JobTable(
    name="exports",
    noun="export",
    claimed=ClaimedExport,
    reason="message",
    function="workers.export_jobs.build_export",
    queue_word="export",
    lane=EXPORT_LANE,
    advice="Export fewer projects, or raise the limit.",
    one_per_user=True,
)


def content(session: Session, id: int) -> Iterator[bytes]:
    """The file of an export that is SUCCESS, a piece at a time."""
    piece = select(ExportChunk.content).where(ExportChunk.export_id == id)
    position = 0
    while (content := session.scalar(piece.where(ExportChunk.position == position))) is not None:
        yield content
        position += 1


def delete_expired(connection: PsycopgConnection) -> None:
    """Delete exports that ended longer ago than KEPT, with their files."""
    connection.execute(query("exports/delete_expired_exports"), {"kept": KEPT})


def begin(connection: PsycopgConnection, export: ClaimedExport, total: int) -> None:
    """Store how many rows there will be, and delete what an earlier attempt left of the file; raises LeaseLost."""
    change_or_lose(connection, query("exports/begin_export"), export, total=total)


def add_chunk(
    connection: PsycopgConnection, export: ClaimedExport, position: int, content: bytes, rows_done: int
) -> None:
    """Store a piece of the file; raises LeaseLost."""
    statement = query("exports/add_export_chunk")
    change_or_lose(connection, statement, export, position=position, content=content, rows_done=rows_done)


def succeed(connection: PsycopgConnection, export: ClaimedExport, rows: int, size: int) -> None:
    """End the export as SUCCESS, with the numbers of rows and bytes in its file. Raises LeaseLost."""
    change_or_lose(connection, query("exports/end_export"), export, rows=rows, bytes=size)
