"""Where a site is, and which weather stations are the best for it.

The facts are eeweather's; the ranking follows CalTRACK 2.4: the nearest station in the site's climate zone, and where
there is none, the nearest of all.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from eeds.weather.gazetteer import Fields, Gazetteer, distance_km

ZCTAS = Gazetteer("zctas.tsv.gz")
STATIONS = Gazetteer("stations.tsv.gz")

MAX_KM = 150.0  # beyond, another climate is likelier than the same
# The centre of the Census area that a point lies in, or of the next one, is no further away. A point without one
# (at sea, abroad) has no known climate zone.
ZONE_KM = 50.0
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
    """A weather station that eeds knows the place of."""

    id: str  # USAF
    name: str
    state: str  # empty outside the US
    latitude: float
    longitude: float
    elevation_m: float | None
    zones: Zones
    quality: str  # high, medium, low: how regularly it has reported
    icao: str  # empty = none
    wbans: tuple[str, ...]  # the most recent first
    tmy3_class: str  # I, II, III; empty = no TMY3 year exists
    cz2010: bool  # whether a CZ2010 year exists


@dataclass(frozen=True)
class Candidate:
    """A station as seen from a site."""

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
    near = ZCTAS.near(latitude, longitude, ZONE_KM)
    return Site(latitude, longitude, zones_of(near[0][1]) if near else Zones())


def find_station(id: str) -> Station | None:
    """The station of that USAF id; None for any other id, of which temperatures may be stored all the same."""
    fields = STATIONS.find(id)
    return station_of(fields) if fields else None


def rank_stations(site: Site) -> list[Candidate]:
    """The stations within MAX_KM of a site, best first: those of high quality before the others, of these the ones in
    the site's climate zones, then by distance."""
    near = STATIONS.near(site.latitude, site.longitude, MAX_KM)
    candidates = [candidate(site, station_of(fields), km) for km, fields in near]
    return sorted(candidates, key=lambda c: (c.station.quality != "high", c.station.zones != site.zones, c.km))


def seen_from(site: Site, station: Station) -> Candidate:
    """A station, however far it is."""
    km = distance_km(site.latitude, site.longitude, station.latitude, station.longitude)
    return candidate(site, station, float(km))


def candidate(site: Site, station: Station, km: float) -> Candidate:
    """A station at that distance of a site."""
    return Candidate(station, km, station.zones == site.zones if any(site.zones) else None)


def zones_of(fields: Fields) -> Zones:
    """The climate in a line of either table."""
    return Zones(*(fields[name] for name in Zones._fields))


def station_of(fields: Fields) -> Station:
    """A line of the table of stations."""
    return Station(
        id=fields["station"],
        name=fields["name"],
        state=fields["state"],
        latitude=float(fields["latitude"]),
        longitude=float(fields["longitude"]),
        elevation_m=float(fields["elevation_m"]) if fields["elevation_m"] else None,
        zones=zones_of(fields),
        quality=fields["quality"],
        icao=fields["icao"],
        wbans=tuple(fields["wbans"].split(",")) if fields["wbans"] else (),
        tmy3_class=fields["tmy3_class"],
        cz2010=fields["cz2010"] == "1",
    )
