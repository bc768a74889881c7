"""The job that builds the file of an export.

It reads the data as of one moment, in a transaction that lasts as long as the job. The pieces of the file are committed
one by one, so that everybody sees how far it is; only the last step makes it a file.
"""

import logging
from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal, principal_of
from eeds.db.engine import Database
from eeds.exports import diagnostics, months, records, results, savings
from eeds.exports.kinds import DIAGNOSTICS, MEDIA_TYPES, MONTHS, RESULTS, SAVINGS
from eeds.exports.lifecycle import CHUNK_BYTES, EXPORTS, ClaimedExport, add_chunk, begin, succeed
from eeds.formats.format import BY_MEDIA_TYPE, write
from eeds.formats.table import Batch, Table
from workers.claimed_job import claimed

log = logging.getLogger("eeds.jobs")


def build_export(export_id: int) -> None:
    """Build the file of an export that is PENDING; does nothing if it is not any more."""
    with claimed(EXPORTS, export_id) as (database, export):
        if export is not None:
            build_and_store(database, export)


def build_and_store(database: Database, export: ClaimedExport) -> None:
    """Read and write, one piece of the file after the other. Raises EedsError, and LeaseLost."""
    with Session(database.engine.execution_options(isolation_level="REPEATABLE READ")) as session:
        table = table_of(session, principal_of(session, export.user_id), export)
        with database.connection() as connection:
            begin(connection, export, table.total)
        rows = size = 0

        def counted() -> Iterator[Batch]:
            nonlocal rows
            for batch in table.batches:
                yield batch
                rows += len(batch)

        parts = write(BY_MEDIA_TYPE[MEDIA_TYPES[export.format]], table.columns, counted())
        for position, piece in enumerate(pieces(parts, CHUNK_BYTES)):
            with database.connection() as connection:
                add_chunk(connection, export, position, piece, rows)
            size += len(piece)
    with database.connection() as connection:
        succeed(connection, export, rows, size)
    log.info("%s: SUCCESS, %d rows, %d bytes", export, rows, size)


def table_of(session: Session, principal: Principal, export: ClaimedExport) -> Table:
    """The table that was requested, read as it is consumed; only what the principal may see."""
    if export.kind == RESULTS:
        return results.table(session, principal, export)
    if export.kind == SAVINGS:
        return savings.table(session, principal, export)
    if export.kind == MONTHS:
        return months.table(session, principal, export)
    if export.kind == DIAGNOSTICS:
        return diagnostics.table(session, principal, export)
    return records.table(session, principal, export)


def pieces(parts: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of that size, but for the last."""
    rest = bytearray()
    for part in parts:
        rest += part
        while len(rest) >= size:
            yield bytes(rest[:size])
            del rest[:size]
    if rest:
        yield bytes(rest)
