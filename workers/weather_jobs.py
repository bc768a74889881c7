"""The job that fetches a station-year; see eeds.weather.enqueue for what happens when the queue forgets it."""

import logging
import signal

from eeds.config.settings import Settings
from eeds.db.engine import connect
from eeds.jobs.processes import end_with_parent
from eeds.weather.fetch import Outcome, fetch_year, source_of
from eeds.weather.sources import SourceDown

log = logging.getLogger("eeds.weather")


def fetch_weather(station: str, year: int) -> None:
    """Fetch it unless it is there; raises SourceDown, and is run again, while the source does not answer."""
    # This is a fork of the worker: without it nobody would wait for the job, or end it.
    end_with_parent(signal.SIGKILL)
    settings = Settings.from_env()
    with connect(settings.direct_url, "eeds weather", autocommit=True) as connection:
        attempt = fetch_year(connection, source_of(settings), station, year)
    log.info("weather of station %s in %d: %s %s", station, year, attempt.outcome.value, attempt.message)
    if attempt.outcome is Outcome.DOWN:
        raise SourceDown(attempt.message)
