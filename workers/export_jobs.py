"""The job that builds the file of an export.

What it reads, it reads as of one moment, in a transaction that lasts as long as the job. What it writes is committed
piece by piece, so that everybody sees how far it is; only the last step makes a file of it.
"""

import logging
from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from eeds.accounts.principal import principal_of
from eeds.db.engine import Database
from eeds.exports import lifecycle as exports
from eeds.exports.contents import Counted, table_of, write
from workers.claimed_job import end_or_fail, work_on

log = logging.getLogger("eeds.jobs")


def build_export(export_id: int) -> None:
    """Build the file of an export that waits; does nothing if it does not wait any more."""
    work_on(exports.EXPORTS, export_id, exports.claim, end_export)


def end_export(database: Database, held: exports.Claim) -> None:
    """Store the file, or why there is none."""
    end_or_fail(database, held, store_file)


def store_file(database: Database, held: exports.Claim) -> None:
    """Read and write, a piece of the file after the other. Raises EedsError."""
    with Session(database.engine.execution_options(isolation_level="REPEATABLE READ")) as session:
        table = table_of(session, principal_of(session, held.user_id), held)
        with database.connection() as connection:
            exports.begin(connection, held, table.total)
        rows, size = Counted(table.batches), 0
        for position, piece in enumerate(pieces(write(held.format, table.columns, rows), exports.CHUNK_BYTES)):
            with database.connection() as connection:
                exports.add_chunk(connection, held, position, piece, rows.done)
            size += len(piece)
    with database.connection() as connection:
        exports.succeed(connection, held, rows.done, size)
    log.info("%s: SUCCESS, %d rows, %d bytes", held, rows.done, size)


def pieces(parts: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of that size, but for the last."""
    kept = bytearray()
    for part in parts:
        kept += part
        while len(kept) >= size:
            yield bytes(kept[:size])
            del kept[:size]
    if kept:
        yield bytes(kept)
