"""Fetching station-years into the database: each by one process at a time, and none that need not be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

from psycopg.rows import class_row

from eeds.config.settings import Settings
from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.weather.sources import BadFile, FetchedYear, NotAvailable, SourceDown, Version
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
class Known:
    """What is stored of a station-year before it is fetched."""

    uploaded: bool
    final: bool
    fresh: bool  # fetched within the last day
    url: str | None
    etag: str | None
    absent: str | None  # why there was none, if that was found within the last day

    @property
    def version(self) -> Version | None:
        """The file that is stored."""
        return Version(self.url, self.etag) if self.url and self.etag else None


def source_of(settings: Settings) -> Ghcnh:
    """The source that station-years are fetched from."""
    return Ghcnh(settings.ghcnh_urls, Downloads())


def fetch_year(connection: PsycopgConnection, source: Ghcnh, station: str, year: int) -> Attempt:
    """Store a year of a station as the source has it, unless it is there for good.

    The connection commits by itself: what was found is stored, whatever becomes of other years.
    """
    key = {"station": station, "source": source.name, "year": year}
    with alone(connection, key):
        known = look_up(connection, key)
        return settled(known, station, year) or ask(connection, source, key, known)


def order_year(connection: PsycopgConnection, station: str, year: int, order: Callable[[], None]) -> Attempt:
    """Have somebody else fetch a year of a station, unless there is nothing to fetch or it was fetched lately."""
    known = look_up(connection, {"station": station, "source": GHCNH, "year": year})
    found = settled(known, station, year)
    if found is None and known.fresh:
        found = Attempt(station, year, Outcome.UNCHANGED)
    if found is None:
        order()
    return found or Attempt(station, year, Outcome.QUEUED)


@contextmanager
def alone(connection: PsycopgConnection, key: dict[str, Any]) -> Iterator[None]:
    """Let nobody else fetch the station-year meanwhile."""
    lock = {"lock": FETCH_LOCK, "name": "{source} {station} {year}".format_map(key)}
    connection.execute(query("weather/lock_station_year"), lock)
    try:
        yield
    finally:
        connection.execute(query("weather/unlock_station_year"), lock)


def look_up(connection: PsycopgConnection, key: dict[str, Any]) -> Known:
    """What is stored of a station-year."""
    with connection.cursor(row_factory=class_row(Known)) as cursor:
        (known,) = cursor.execute(query("weather/known_year"), {**key, "upload": UPLOAD}).fetchall()
    return known


def settled(known: Known, station: str, year: int) -> Attempt | None:
    """What is to be said of a station-year that need not be fetched; None if it has to be."""
    if known.uploaded:
        return Attempt(station, year, Outcome.UPLOADED)
    if known.final:
        return Attempt(station, year, Outcome.KEPT)
    if known.absent:
        return Attempt(station, year, Outcome.ABSENT, known.absent)
    return None


def ask(connection: PsycopgConnection, source: Ghcnh, key: dict[str, Any], known: Known) -> Attempt:
    """Fetch a station-year, and store it or why there is none."""
    station, year = key["station"], key["year"]
    try:
        fetched = source.fetch(station, year, known.version)
    except (NotAvailable, SourceDown, BadFile) as error:
        outcome = OUTCOMES[type(error)]
        miss = {"absent": outcome is Outcome.ABSENT, "message": str(error)}
        connection.execute(query("weather/remember_miss"), {**key, **miss})
        return Attempt(station, year, outcome, str(error))
    keep(connection, key, fetched)
    return Attempt(station, year, Outcome.FETCHED if fetched else Outcome.UNCHANGED)


OUTCOMES = {NotAvailable: Outcome.ABSENT, SourceDown: Outcome.DOWN, BadFile: Outcome.BAD_FILE}


def keep(connection: PsycopgConnection, key: dict[str, Any], fetched: FetchedYear | None) -> None:
    """Store what was fetched, or that it is what is stored; what went wrong before is forgotten."""
    with connection.transaction():
        if fetched:
            file = {"url": fetched.url, "etag": fetched.etag, "sha256": fetched.sha256}
            connection.execute(query("weather/store_year"), {**key, **contents(key["year"], fetched.temps), **file})
        else:
            connection.execute(query("weather/touch_year"), key)
        connection.execute(query("weather/forget_miss"), key)
