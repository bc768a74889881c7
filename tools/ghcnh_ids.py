"""Which stations of GHCNh are which of ours, by NOAA's list of them.

An id of GHCNh has 11 characters: a country, a network, and the number of the station there (ghcnh_DOCUMENTATION.pdf).
Of the networks, W numbers stations by WBAN, I by ICAO code, A by the USAF's six digits, M by the WMO's five, which are
the first five of the USAF's. The country is that of the FIPS 10-4, in which territories have letters of their own: RQ
is Puerto Rico.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eeds.weather.gazetteer import distance_km

SAME_STATION_KM = 10.0  # stations move, and their positions are rounded
SAME_PLACE_KM = 1.0  # where no number says that two are the same


@dataclass(frozen=True)
class Named:
    """A station of ours: positions in degrees, `icao` empty if it has none, WBANs the most recent first."""

    usaf: str
    latitude: float
    longitude: float
    icao: str
    wbans: Sequence[str]


class StationList:
    """NOAA's list: ids, and their positions in degrees."""

    def __init__(self, rows: Sequence[dict[str, str]]) -> None:
        self.ids = [row["GHCN_ID"] for row in rows]
        self.latitudes = np.array([row["LATITUDE"] for row in rows], dtype=np.float64)
        self.longitudes = np.array([row["LONGITUDE"] for row in rows], dtype=np.float64)
        self.numbered = defaultdict[tuple[str, str], list[int]](list)  # by network and number, as (W, 14933)
        for i, row in enumerate(rows):
            for key in {key_of(row["GHCN_ID"]), ("I", row["ICAO"])}:
                self.numbered[key].append(i)

    def ids_of(self, station: Named) -> list[str]:
        """The ids under which GHCNh may have a station: those with one of its numbers, WBANs first, that are not
        another place's; if there are none, the station that is at the same place."""
        km = distance_km(station.latitude, station.longitude, self.latitudes, self.longitudes)
        found = [i for key in keys_of(station) for i in self.numbered.get(key, []) if km[i] <= SAME_STATION_KM]
        return list(dict.fromkeys(self.ids[i] for i in found or same_place(km)))


def read_station_list(path: Path) -> StationList:
    """The list in a file, ghcnh-station-list.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return StationList(list(csv.DictReader(file)))


def key_of(id: str) -> tuple[str, str]:
    """Network and number of an id."""
    return id[2], id[3:].lstrip("0").zfill({"W": 5, "A": 6, "M": 5}.get(id[2], 0))


def keys_of(station: Named) -> Iterator[tuple[str, str]]:
    """What a station may be known by, the likeliest first."""
    yield from (("W", wban) for wban in station.wbans)
    if station.icao:
        yield "I", station.icao
    yield "A", station.usaf
    if station.usaf.endswith("0"):
        yield "M", station.usaf[:5]


def same_place(km: NDArray[np.float64]) -> Iterable[int]:
    """The nearest one, if it is at the same place."""
    nearest = int(km.argmin())
    return [nearest] if km[nearest] <= SAME_PLACE_KM else []
