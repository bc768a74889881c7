"""Downloads: years of a station that a worker fetches because runs wait for them.

A download is a row, claimed and ended like a run: see eeds.jobs.leases. However it ends, a trigger of its table
wakes the runs that wait for it. What it stores, and what the source does not have, is where `eeds weather fetch`
puts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eeds.config.settings import Settings
from eeds.db.engine import PsycopgConnection, connect
from eeds.db.statements import query
from eeds.jobs.leases import ClaimedJob, JobTable
from eeds.jobs.queue_name import WEATHER_LANE
from eeds.jobs.status import FAILED
from eeds.weather.coverage import station_name
from eeds.weather.errors import NoWeather, TooFewHours
from eeds.weather.fetch import FAILURES, attempt_without_asking, fetch_year, source_of
from eeds.weather.fetching import MOST_FAILURES
from eeds.weather.sources import SourceDown
from eeds.weather.stations import ghcnh_ids
from eeds.weather.years import years_within


@dataclass(frozen=True)
class ClaimedDownload(ClaimedJob):
    """A download in the hands of one worker."""

    station: str
    years: list[int]
    added: datetime


DOWNLOADS = JobTable(
    name="weather_downloads",
    noun="download",
    claimed=ClaimedDownload,
    reason="message",
    function="workers.weather_jobs.download_weather",
    queue_word="download",
    lane=WEATHER_LANE,
    advice="Fetch the years with eeds weather fetch, or raise the limit.",
)


@dataclass(frozen=True)
class Missing:
    """Years of a station that are not stored, and that a source may have."""

    station: str
    years: Sequence[int]

    def __str__(self) -> str:
        name = station_name(self.station)
        named = f"{self.station} ({name})" if name else self.station
        return f"temperatures of station {named} in {', '.join(map(str, self.years))}"


def missing_for_run(connection: PsycopgConnection, run_id: int, lacking: TooFewHours) -> Missing | None:
    """What a run that has too few hours should wait for; None if nothing that can be fetched would help it.

    The stations are tried in their order, each once for a run: the next one when it is known that the one before has
    not enough. Raises NoWeather, with the reason, if the download of one has failed since the run was requested: an
    outage never changes the station of a project.
    """
    for station in lacking.stations:
        years = [
            year for year in years_within(lacking.first, lacking.last) if may_be_fetched(connection, station, year)
        ]
        if not years:
            continue
        parameters = {"run_id": run_id, "station": station, "years": years}
        ended = connection.execute(query("downloads/last_download"), parameters).fetchone()
        if ended is None:
            return Missing(station, years)
        status, message = ended
        if status == FAILED:
            raise NoWeather(f"{lacking} The download for station {station} failed: {message}")
    return None


def may_be_fetched(connection: PsycopgConnection, station: str, year: int) -> bool:
    """Whether a source may have a year of a station that is not stored, or more of it than is."""
    return bool(ghcnh_ids(station)) and attempt_without_asking(connection, station, year) is None


def request_download(connection: PsycopgConnection, missing: Missing) -> int:
    """Have a worker fetch it; the id of the download, also where it was requested before and has not ended."""
    parameters = {"station": missing.station, "years": list(missing.years)}
    ((id,),) = connection.execute(query("downloads/request_download"), parameters).fetchall()
    return int(id)


def fetch_years(settings: Settings, download: ClaimedDownload) -> None:
    """Fetch the years, one after the other, each stored as soon as it is there.

    Raises SourceDown for the first that cannot be read, and at once when MOST_FAILURES downloads have failed in a row
    since this one was requested: the rest of them would each be waited for in vain.
    """
    with connect(settings.direct_url, "eeds weather", autocommit=True) as connection:
        require_source(connection, download)
        source = source_of(settings)
        for year in download.years:
            attempt = fetch_year(connection, source, download.station, year)
            if attempt.outcome in FAILURES:
                raise SourceDown(f"{year}: {attempt.message}")


def require_source(connection: PsycopgConnection, download: ClaimedDownload) -> None:
    """Raises SourceDown if the last downloads have failed."""
    parameters = {"since": download.added, "number": MOST_FAILURES}
    failed = connection.execute(query("downloads/failures_in_a_row"), parameters).fetchone()
    if failed is not None:
        raise SourceDown(f"It was not tried, for the last {MOST_FAILURES} downloads have failed: {failed[0]}")


def delete_old_downloads(connection: PsycopgConnection) -> None:
    """Delete downloads that ended a day ago."""
    connection.execute(query("downloads/delete_old_downloads"))
