"""Exports: files that a worker builds and a user fetches when they are ready.

    with database.session() as session:
        id = order(session, principal, "results", "csv")

An export is a row, ordered, held and ended like a run: see eeds.jobs.leases. It holds what its user may see at the time
that it is built. Web and workers share no disk, so the file lies in the database in pieces, and is forgotten after a
day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from psycopg.rows import class_row
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.db.tables import Export, ExportChunk
from eeds.jobs import leases

RESULTS, DIAGNOSTICS, RECORDS = KINDS = ("results", "diagnostics", "records")
CSV, PARQUET = FORMATS = ("csv", "parquet")
KEPT = timedelta(days=1)  # sql/queries/exports/delete_expired_exports.sql does it
CHUNK_BYTES = 2**20
EXPORTS = leases.Orders(
    table="exports",
    noun="export",
    reason="message",
    job="workers.export_jobs.build_export",
    job_prefix="export-",
    advice="Export fewer projects, or raise the limit.",
)


@dataclass(frozen=True)
class Claim(leases.Held):
    """An export in the hands of one worker."""

    orders: ClassVar[leases.Orders] = EXPORTS

    user_id: int
    kind: str
    format: str
    projects: list[int] | None
    every_result: bool


# Users -------------------------------------------------------------------------------------------------------------


def order(
    session: Session,
    principal: Principal,
    kind: str,
    format: str,
    projects: Sequence[int] | None = None,
    *,
    every_result: bool = False,
    request_id: str | None = None,
) -> int:
    """Order an export of a kind of KINDS in a format of FORMATS, in the session's transaction, and wake the relay when
    it commits; returns the export's id.

    `projects` are ids, None for all that the user can see. `every_result`: not only the latest of each project.
    """
    export = Export(
        user_id=principal.user_id,
        kind=kind,
        format=format,
        projects=None if projects is None else list(projects),
        every_result=every_result,
        request_id=request_id,
    )
    session.add(export)
    session.flush()
    session.execute(select(func.pg_notify(leases.CHANNEL, str(export.id))))
    return export.id


def file_name(export: Export) -> str:
    """What to call the file: what it holds, and of when."""
    return f"eeds-{export.kind}-{export.updated:%Y-%m-%dT%H%M%SZ}-{export.id}.{export.format}"


def content(session: Session, id: int) -> Iterator[bytes]:
    """The file of an export that is SUCCESS, a piece at a time."""
    piece = select(ExportChunk.content).where(ExportChunk.export_id == id)
    position = 0
    while (found := session.scalar(piece.where(ExportChunk.position == position))) is not None:
        yield found
        position += 1


# The relay ---------------------------------------------------------------------------------------------------------


def waiting(connection: PsycopgConnection) -> list[leases.Waiting]:
    """Exports that the queue should be told of next: no more than one of each user."""
    with connection.cursor(row_factory=class_row(leases.Waiting)) as cursor:
        return cursor.execute(query("exports/waiting_exports")).fetchall()


def mark_enqueued(connection: PsycopgConnection, ids: Sequence[int]) -> None:
    """Remember that the queue has been told of these exports."""
    connection.execute(query("exports/mark_exports_enqueued"), {"ids": list(ids)})


# The worker --------------------------------------------------------------------------------------------------------


def claim(connection: PsycopgConnection, id: int) -> Claim | None:
    """Take an export that waits; None if it does not, whatever the reason."""
    with connection.cursor(row_factory=class_row(Claim)) as cursor:
        return cursor.execute(
            query("exports/claim_export"), {"id": id, "lease_seconds": leases.LEASE_SECONDS}
        ).fetchone()


def begin(connection: PsycopgConnection, held: Claim, total: int) -> None:
    """Say how many rows there will be, and drop what an earlier attempt has left; raises LeaseLost."""
    leases.change_or_lose(connection, "exports/begin_export", held, total=total)


def add_chunk(connection: PsycopgConnection, held: Claim, position: int, content: bytes, rows_done: int) -> None:
    """Store a piece of the file; raises LeaseLost."""
    leases.change_or_lose(
        connection, "exports/add_export_chunk", held, position=position, content=content, rows_done=rows_done
    )


def succeed(connection: PsycopgConnection, held: Claim, rows: int, size: int) -> None:
    """End the export, whose file is whole: so many rows and bytes. Raises LeaseLost."""
    leases.change_or_lose(connection, "exports/end_export", held, rows=rows, bytes=size)
