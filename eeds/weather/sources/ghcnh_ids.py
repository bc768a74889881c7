"""The ids of stations in GHCNh."""

import re

from eeds.weather.stations import find_station

GHCN_ID = re.compile(r"[A-Z]{2}[A-Z0-9]{9}")  # country, network, station


def ghcnh_ids(id: str) -> list[str]:
    """The ids under which GHCNh may have a station, the likeliest first; none for an id that it cannot have."""
    station = find_station(id)
    if station is None:
        return [id] if GHCN_ID.fullmatch(id) else []
    return [*(f"USW000{wban}" for wban in station.wbans), *([f"USI0000{station.icao}"] if station.icao else [])]
