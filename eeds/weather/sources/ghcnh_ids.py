"""What GHCNh calls a station."""

import re

from eeds.weather.stations import find_station

GHCN_ID = re.compile(r"[A-Z]{2}[A-Z0-9]{9}")  # country, network, station


def candidates(station: str) -> list[str]:
    """Under which ids GHCNh may have a station, the likeliest first."""
    known = find_station(station)
    if known is None:
        return [station] if GHCN_ID.fullmatch(station) else []
    return [*(f"USW000{wban}" for wban in known.wbans), *([f"USI0000{known.icao}"] if known.icao else [])]
