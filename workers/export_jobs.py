"""The job that builds the file of an export.

It reads the data as of one moment, in a transaction that lasts as long as the job. The pieces of the file are committed
one by one, so that everybody sees how far it is; only the last step makes it a file.
"""

import logging
from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from eeds.accounts.principal import principal_of
from eeds.db.engine import Database
from eeds.exports.contents import Counted, table_of, write
from eeds.exports.lifecycle import CHUNK_BYTES, EXPORTS, ClaimedExport, add_chunk, begin, succeed
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
        rows, size = Counted(table.batches), 0
        for position, piece in enumerate(pieces(write(export.format, table.columns, rows), CHUNK_BYTES)):
            with database.connection() as connection:
                add_chunk(connection, export, position, piece, rows.done)
            size += len(piece)
    with database.connection() as connection:
        succeed(connection, export, rows.done, size)
    log.info("%s: SUCCESS, %d rows, %d bytes", export, rows.done, size)


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
