"""Fetching station-years into the database, each by one process at a time, and only those that are not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import redis
from psycopg.rows import class_row

from eeds.config.settings import Settings
from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.errors import ConfigurationError
from eeds.jobs.queue_name import queue_of
from eeds.jobs.stale_results import mark_temperatures
from eeds.weather.changed_hours import changed_hours
from eeds.weather.gaps import Series
from eeds.weather.history import keep_changed_hours
from eeds.weather.sources import BadFile, FetchedYear, NotAvailable, SourceDown
from eeds.weather.sources.download import Downloads
from eeds.weather.sources.ghcnh import Ghcnh
from eeds.weather.store import contents
from eeds.weather.years import GHCNH, UPLOAD

# Any constant does, as long as every release of eeds takes the same.
FETCH_LOCK = 0x65777468


class Outcome(Enum):
    """What became of an attempt, in words."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"  # the source was asked, and has what is stored
    KEPT = "already there"  # final, so the source was not asked
    UPLOADED = "uploaded"  # nothing that is fetched would be read
    QUEUED = "queued"  # a worker will do it
    ABSENT = "not available"
    DOWN = "failed"
    BAD_FILE = "bad file"


FAILURES = frozenset({Outcome.DOWN, Outcome.BAD_FILE})


@dataclass(frozen=True)
class Attempt:
    """What became of a station-year; `message` says why there is none."""

    station: str
    year: int
    outcome: Outcome
    message: str = ""


@dataclass(frozen=True)
class StoredYear:
    """What is stored of a station-year before it is fetched."""

    uploaded: bool
    final: bool
    fresh: bool  # fetched within the last day
    url: str | None
    etag: str | None
    absent: str | None  # why there was none, if that was found within the last day


def source_of(settings: Settings) -> Ghcnh:
    """The source that station-years are fetched from."""
    return Ghcnh(settings.ghcnh_urls, Downloads())


def fetch_year(connection: PsycopgConnection, source: Ghcnh, station: str, year: int) -> Attempt:
    """Store a year of a station as the source has it, unless it is there for good.

    The connection commits by itself: what was fetched is stored, whatever becomes of other years. Failures are
    outcomes; nothing is raised for them.
    """
    key = {"station": station, "source": source.name, "year": year}
    with locked_year(connection, key):
        stored = load_stored_year(connection, key)
        return attempt_without_fetching(stored, station, year) or download_year(connection, source, key, stored)


def enqueue_year(connection: PsycopgConnection, settings: Settings, station: str, year: int) -> Attempt:
    """Have a worker fetch a year of a station, unless it is there for good or was fetched within a day. Raises
    ConfigurationError if the queue does not answer."""
    from eeds.weather.enqueue import enqueue  # RQ takes longer to import than most commands to run

    attempt = attempt_without_asking(connection, station, year)
    if attempt is not None:
        return attempt
    try:
        enqueue(settings.redis_url, queue_of(connection), station, year)
    except redis.RedisError as error:
        raise ConfigurationError(f"The queue does not answer: {error}") from error
    return Attempt(station, year, Outcome.QUEUED)


@contextmanager
def locked_year(connection: PsycopgConnection, key: dict[str, Any]) -> Iterator[None]:
    """Let no other process fetch the station-year during the block."""
    lock = {"lock": FETCH_LOCK, "name": "{source} {station} {year}".format_map(key)}
    connection.execute(query("weather/lock_station_year"), lock)
    try:
        yield
    finally:
        connection.execute(query("weather/unlock_station_year"), lock)


def load_stored_year(connection: PsycopgConnection, key: dict[str, Any]) -> StoredYear:
    """What is stored of a station-year."""
    with connection.cursor(row_factory=class_row(StoredYear)) as cursor:
        (stored,) = cursor.execute(query("weather/stored_year"), {**key, "upload": UPLOAD}).fetchall()
    return stored


def attempt_without_fetching(stored: StoredYear, station: str, year: int) -> Attempt | None:
    """What became of a station-year that need not be fetched; None if it has to be."""
    if stored.uploaded:
        return Attempt(station, year, Outcome.UPLOADED)
    if stored.final:
        return Attempt(station, year, Outcome.KEPT)
    if stored.absent:
        return Attempt(station, year, Outcome.ABSENT, stored.absent)
    return None


def attempt_without_asking(connection: PsycopgConnection, station: str, year: int) -> Attempt | None:
    """The same for who leaves it to a worker, and does not ask for what was fetched within a day."""
    stored = load_stored_year(connection, {"station": station, "source": GHCNH, "year": year})
    kept = attempt_without_fetching(stored, station, year)
    return kept or (Attempt(station, year, Outcome.UNCHANGED) if stored.fresh else None)


def download_year(connection: PsycopgConnection, source: Ghcnh, key: dict[str, Any], stored: StoredYear) -> Attempt:
    """Store a station-year as the source has it, or why there is none."""
    station, year = key["station"], key["year"]
    try:
        fetched = source.fetch(station, year, {stored.url or "": stored.etag})
    except (NotAvailable, SourceDown, BadFile) as error:
        outcome = OUTCOMES[type(error)]
        miss = {"absent": outcome is Outcome.ABSENT, "message": str(error)}
        connection.execute(query("weather/remember_miss"), {**key, **miss})
        return Attempt(station, year, outcome, str(error))
    store_fetched(connection, key, fetched)
    return Attempt(station, year, Outcome.FETCHED if fetched else Outcome.UNCHANGED)


OUTCOMES = {NotAvailable: Outcome.ABSENT, SourceDown: Outcome.DOWN, BadFile: Outcome.BAD_FILE}


def store_fetched(connection: PsycopgConnection, key: dict[str, Any], fetched: FetchedYear | None) -> None:
    """Store what was fetched, and mark the results that have looked at what changes, or (None) that the stored file is
    still the current one; forget earlier failures."""
    with connection.transaction():
        if fetched:
            before = stored_temperatures(connection, key)
            keep_changed_hours(connection, key, before, fetched.temps)
            file = {"url": fetched.url, "etag": fetched.etag, "sha256": fetched.sha256}
            connection.execute(query("weather/store_year"), {**key, **contents(key["year"], fetched.temps), **file})
            span = changed_hours(key["year"], before, fetched.temps)
            mark_temperatures(connection, key["station"], [span] if span else [])
        else:
            connection.execute(query("weather/touch_year"), key)
        connection.execute(query("weather/forget_miss"), key)


def stored_temperatures(connection: PsycopgConnection, key: dict[str, Any]) -> Series | None:
    """Those of a station-year, which nobody else changes until the transaction ends; None if it is not stored."""
    row = connection.execute(query("weather/lock_year"), key, binary=True).fetchone()
    return None if row is None else np.array(row[0], dtype=np.float64)
