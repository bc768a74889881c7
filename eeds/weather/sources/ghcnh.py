"""NOAA's Global Historical Climatology Network hourly (GHCNh, CC0): one file for each station and year."""

from collections.abc import Mapping, Sequence

import numpy as np

from eeds.errors import NotFound
from eeds.weather.gazetteer import distance_km
from eeds.weather.sources import BadFile, FetchedYear, NotAvailable, SourceDown
from eeds.weather.sources.download import Download, Downloads
from eeds.weather.sources.ghcnh_file import Observations, read_observations
from eeds.weather.sources.hourly import hourly_means
from eeds.weather.stations import find_station, ghcnh_ids
from eeds.weather.units import fahrenheit
from eeds.weather.years import GHCNH, first_hour, hours_in

PATH = "hourly/access/by-year/{year}/psv/GHCNh_{id}_{year}.psv"
Etags = Mapping[str, str | None]  # by URL
SAME_PLACE_KM = 10.0  # stations move, and their places are rounded


class Ghcnh:
    """The files at some addresses, `bases`, which hold the same files; one that fails is tried last from then on."""

    name = GHCNH

    def __init__(self, bases: Sequence[str], downloads: Downloads) -> None:
        self.bases = list(bases)
        self.downloads = downloads

    def fetch(self, station: str, year: int, known: Etags | None = None) -> FetchedYear | None:
        """A year of a station, by its USAF id or GHCN's own; None if its file has the ETag that is known of its URL.

        Raises NotAvailable, SourceDown and BadFile.
        """
        reason = f"GHCNh has no station that is {station}."
        for id in ghcnh_ids(station):
            try:
                return self.from_any_base(station, id, year, known or {})
            except NotAvailable as error:
                reason = str(error)
        raise NotAvailable(reason)

    def from_any_base(self, station: str, id: str, year: int, known: Etags) -> FetchedYear | None:
        """The year from the first base that has a good file. Raises NotAvailable only
        if all bases answer that there is none: one that fails might have it."""
        failure: SourceDown | BadFile | None = None
        for base in list(self.bases):
            url = f"{base}/{PATH.format(id=id, year=year)}"
            try:
                download = self.downloads.get(url, known.get(url))
                return read_year(download, url, station, id, year) if download else None
            except NotFound:
                continue
            except (SourceDown, BadFile) as error:
                failure = error
                self.bases.remove(base)
                self.bases.append(base)
        raise failure or NotAvailable("GHCNh has no file for that year.")


def read_year(download: Download, url: str, station: str, id: str, year: int) -> FetchedYear:
    """The hours of a file, which has to be of that station; raises NotAvailable if it is of another place."""
    with download.file as file:
        observations = read_observations(file, url)
    if observations.station != id:
        raise BadFile(f"{url} is the file of another station, {observations.station}.")
    require_place(observations, station)
    minutes = (observations.times - first_hour(year)).astype("timedelta64[m]").astype(np.int64)
    within = (minutes >= 0) & (minutes < hours_in(year) * 60)
    if not within.any():
        raise NotAvailable(f"GHCNh's file {id} has no temperature in that year.")
    temps = fahrenheit(hourly_means(minutes[within], observations.temps[within], hours_in(year)))
    return FetchedYear(temps, url, download.etag, download.sha256)


def require_place(observations: Observations, station: str) -> None:
    """Raises NotAvailable if the file is of another place: some ids are used for two of them."""
    place = find_station(station)
    if place is None:  # asked for by GHCN's own id
        return
    km = float(distance_km(place.latitude, place.longitude, observations.latitude, observations.longitude))
    if not km <= SAME_PLACE_KM:
        raise NotAvailable(f"GHCNh's file {observations.station} is of another place, {km:,.0f} km away.")
