"""Blocks in portions of a like number of readings, whether each has one or a hundred thousand of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from eeds.db.cursors import Rows, close, declare, fetch

# Enough that a round trip for each portion costs little, few enough to be held several times over.
READINGS_AT_ONCE = 20_000
MOST_BLOCKS, FIRST_BLOCKS = 2000, 5
READINGS = 2  # the place of their number in a row, as eeds.records.block_format.decode takes it


def portions(session: Session, statement: str, parameters: Mapping[str, Any]) -> Iterator[Rows]:
    """The rows of a statement that begin as those of `decode`, in its order, none of the portions empty; see
    eeds.db.cursors.chunks_of."""
    cursor = declare(session, statement, parameters)
    blocks = FIRST_BLOCKS
    while rows := fetch(session, cursor, blocks):
        yield rows
        readings = sum(row[READINGS] for row in rows)
        blocks = max(1, min(MOST_BLOCKS, READINGS_AT_ONCE * len(rows) // readings))
    close(session, cursor)
