"""Where a site is, and which weather stations are the best for it.

The facts are eeweather's and NOAA's; the ranking follows CalTRACK 2.4: the nearest station in the site's climate zone,
and where there is none, the nearest of all.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from eeds.weather.gazetteer import Fields, Gazetteer, distance_km

ZCTAS = Gazetteer("zctas.tsv.gz")
STATIONS = Gazetteer("stations.tsv.gz")

MAX_KM = 150.0  # beyond, another climate is likelier than the same
# The centre of the Census area that a point lies in, or of the next one, is no further away. A point without one
# (at sea, abroad) has no known climate zone.
ZONE_KM = 50.0
GHCN_ID = re.compile(r"[A-Z]{2}[A-Z0-9][A-Z0-9-]{8}")  # country, network, station
ZIPCODE = re.compile(r"(\d{5})(?:\s*-?\s*\d{4})?", re.ASCII)


class Zones(NamedTuple):
    """The climate of a place in the terms of the IECC, of Building America and of California; empty = none."""

    iecc_zone: str = ""
    iecc_moisture: str = ""
    ba_zone: str = ""
    ca_zone: str = ""


@dataclass(frozen=True)
class Site:
    """Where a project is; positions in degrees."""

    latitude: float
    longitude: float
    zones: Zones


@dataclass(frozen=True)
class Station:
    """A weather station of the table; positions in degrees."""

    id: str  # USAF
    name: str
    latitude: float
    longitude: float
    zones: Zones
    quality: str  # high, medium, low: how regularly it has reported
    icao: str  # empty = none
    wbans: tuple[str, ...]  # the most recent first
    ghcnh: tuple[str, ...]  # the ids under which GHCNh may have it, the likeliest first


@dataclass(frozen=True)
class Candidate:
    """A station and how it lies to a site."""

    station: Station
    km: float
    climate_match: bool | None  # whether all climate zones are the site's; None = the site's are not known


def normalise_zipcode(text: str) -> str | None:
    """The five digits of a ZIP or ZIP+4 code, blanks around them ignored; None for anything else."""
    match = ZIPCODE.fullmatch(text.strip())
    return match.group(1) if match else None


def site_of_zipcode(zipcode: str) -> Site | None:
    """The centre of the Census area (ZCTA) of a five-digit ZIP code; None where there is none, as for PO boxes."""
    fields = ZCTAS.find(zipcode)
    return Site(float(fields["latitude"]), float(fields["longitude"]), zones_of(fields)) if fields else None


def site_at(latitude: float, longitude: float) -> Site:
    """A point, in the climate of the Census area nearest to it; degrees."""
    nearest = ZCTAS.nearest(latitude, longitude, ZONE_KM)
    return Site(latitude, longitude, zones_of(nearest) if nearest else Zones())


def find_station(id: str) -> Station | None:
    """The station of that USAF id; None for any other id, of which temperatures may be stored all the same."""
    fields = STATIONS.find(id)
    return station_of(fields) if fields else None


def station_of_wban(wban: str, latitude: float, longitude: float) -> Station | None:
    """The station of that WBAN number, the nearest of several to a point in degrees; None if there is none."""
    stations = [station_of(STATIONS.fields(number)) for number in lines_by_wban().get(wban, [])]
    if not stations:
        return None
    return min(stations, key=lambda each: float(distance_km(latitude, longitude, each.latitude, each.longitude)))


@cache
def lines_by_wban() -> dict[str, list[int]]:
    """The lines of the table of stations by WBAN number; some are of two stations."""
    lines: dict[str, list[int]] = {}
    for number in range(1, len(STATIONS.lines)):
        for wban in ids_in(STATIONS.fields(number)["wbans"]):
            lines.setdefault(wban, []).append(number)
    return lines


def ghcnh_ids(id: str) -> list[str]:
    """The ids under which GHCNh may have a station, the likeliest first; none for an id that it cannot have."""
    station = find_station(id)
    if station:
        return list(station.ghcnh)
    return [id] if GHCN_ID.fullmatch(id) else []


def rank_stations(site: Site) -> list[Candidate]:
    """The stations within MAX_KM of a site, best first: those of high quality before the others, of these the ones in
    the site's climate zones, then by distance."""
    near = STATIONS.near(site.latitude, site.longitude, MAX_KM)
    candidates = [candidate_at(site, station_of(fields), km) for km, fields in near]
    return sorted(candidates, key=lambda c: (c.station.quality != "high", c.station.zones != site.zones, c.km))


def seen_from(site: Site, station: Station) -> Candidate:
    """How a station lies to a site, however far away."""
    km = distance_km(site.latitude, site.longitude, station.latitude, station.longitude)
    return candidate_at(site, station, float(km))


def candidate_at(site: Site, station: Station, km: float) -> Candidate:
    """A station at that distance from a site."""
    return Candidate(station, km, station.zones == site.zones if any(site.zones) else None)


def zones_of(fields: Fields) -> Zones:
    """The climate zones in a line of either table."""
    return Zones(*(fields[name] for name in Zones._fields))


def station_of(fields: Fields) -> Station:
    """The station in a line of the table."""
    return Station(
        id=fields["station"],
        name=fields["name"],
        latitude=float(fields["latitude"]),
        longitude=float(fields["longitude"]),
        zones=zones_of(fields),
        quality=fields["quality"],
        icao=fields["icao"],
        wbans=ids_in(fields["wbans"]),
        ghcnh=ids_in(fields["ghcnh"]),
    )


def ids_in(field: str) -> tuple[str, ...]:
    """The ids in a field of the table."""
    return tuple(field.split(",")) if field else ()
