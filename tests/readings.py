"""Readings in the database of a test, put there without a request."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from eeds.db.engine import PsycopgConnection
from eeds.records.block_store import change_readings
from eeds.records.history.written import History

BEFORE_HISTORY = 0  # the id of no load


def store_series(
    connection: PsycopgConnection,
    trace: int,
    first: str,
    step: np.timedelta64,
    values: Sequence[float | None],
    estimated: Sequence[bool] | None = None,
) -> None:
    """Store readings of a trace, from the first (UTC) on, one every `step`."""
    starts = np.datetime64(first, "s") + np.arange(len(values)) * step
    store_readings(connection, trace, starts, values, estimated)


def store_readings(
    connection: PsycopgConnection,
    trace: int,
    starts: Any,
    values: Sequence[float | None],
    estimated: Sequence[bool] | None = None,
) -> None:
    """Store readings of a trace, which nobody else writes to."""
    columns = {
        "metadata_id": np.full(len(values), trace, np.int64),
        "start": np.array(starts, "datetime64[s]"),
        "value": np.array([np.nan if value is None else value for value in values], np.float64),
        "estimated": np.zeros(len(values), bool) if estimated is None else np.array(estimated, bool),
    }
    change_readings(History(connection, BEFORE_HISTORY), columns)


def forget_readings(connection: PsycopgConnection) -> None:
    """Have no readings."""
    connection.execute("TRUNCATE consumption_blocks, trace_extents, record_additions, record_versions")


class View(DeclarativeBase):
    """What the database has beside its tables."""


class ConsumptionRecord(View):
    """A reading, as people's own SQL sees it; nobody writes it."""

    __tablename__ = "consumption_records"

    metadata_id: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), primary_key=True)
    value: Mapped[float | None]
    estimated: Mapped[bool]
