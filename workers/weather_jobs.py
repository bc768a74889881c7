"""The jobs that fetch weather: a station-year that somebody asked for, and a download that runs wait for."""

import logging
import signal

from eeds.config.settings import Settings
from eeds.db.engine import Database, connect
from eeds.jobs.leases import end_job
from eeds.jobs.processes import end_with_parent
from eeds.jobs.status import SUCCESS
from eeds.weather.downloads import DOWNLOADS, ClaimedDownload, fetch_years
from eeds.weather.fetch import Outcome, fetch_year, source_of
from eeds.weather.sources import SourceDown
from workers.claimed_job import claimed

NEVER = "Nothing is fetched, for EEDS_FETCH_WEATHER is never."

log = logging.getLogger("eeds.weather")


def fetch_weather(station: str, year: int) -> None:
    """Fetch it unless it is there; raises SourceDown, and is run again, while the source does not answer. See
    eeds.weather.enqueue for what happens when the queue forgets it."""
    # This is a fork of the worker: without it nobody would wait for the job, or end it.
    end_with_parent(signal.SIGKILL)
    settings = Settings.from_env()
    with connect(settings.direct_url, "eeds weather", autocommit=True) as connection:
        attempt = fetch_year(connection, source_of(settings), station, year)
    log.info("weather of station %s in %d: %s %s", station, year, attempt.outcome.value, attempt.message)
    if attempt.outcome is Outcome.DOWN:
        raise SourceDown(attempt.message)


def download_weather(id: int) -> None:
    """Fetch the years of a download that is PENDING, and wake the runs that wait for it; does nothing if it is not any
    more."""
    with claimed(DOWNLOADS, id) as (database, download):
        if download is not None:
            fetch_and_wake(database, download, Settings.from_env())


def fetch_and_wake(database: Database, download: ClaimedDownload, settings: Settings) -> None:
    """Fetch the years and end the download. Raises SourceDown, also where nothing shall be fetched any more, and
    LeaseLost."""
    if not settings.fetches_weather:
        raise SourceDown(NEVER)
    fetch_years(settings, download)
    with database.connection() as connection:
        end_job(connection, download, SUCCESS, None)
    log.info("%s, of station %s: SUCCESS", download, download.station)
