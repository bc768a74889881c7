"""GHCNh files in their true formats, with observations of one's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CODES = ("Measurement_Code", "Quality_Code", "Report_Type", "Source_Code", "Source_Station_ID")
OF_1_0_1 = (
    *("temperature", "dew_point_temperature", "station_level_pressure", "sea_level_pressure", "wind_direction"),
    *("wind_speed", "wind_gust", "precipitation", "relative_humidity", "wet_bulb_temperature"),
    *(f"pres_wx_{kind}{number}" for kind in ("MW", "AU", "AW") for number in (1, 2, 3)),
    *("snow_depth", "visibility", "altimeter", "pressure_3hr_change"),
    *(f"sky_cover_{number}" for number in (1, 2, 3)),
    *(f"sky_cover_baseht_{number}" for number in (1, 2, 3)),
    *(f"precipitation_{hours}_hour" for hours in (3, 6, 9, 12, 15, 18, 21, 24)),
    "remarks",
)
# what 1.1.0 has besides is not read, and has names of ours
OF_1_1_0 = (*OF_1_0_1, *(f"another_{number}" for number in range(1, 16)))

DES_MOINES_ID, DES_MOINES_PLACE = "USW00014933", (41.5338, -93.6530)
ANKENY_ID, ANKENY_PLACE = "USW00004938", (41.6910, -93.5660)


@dataclass(frozen=True)
class Observation:
    """A temperature in degC at a time such as 2014-01-01T00:53:00, with its codes."""

    time: str
    temp: str
    quality: str = ""
    source: str = "343"


def psv_1_1_0(
    observations: Iterable[Observation],
    id: str = DES_MOINES_ID,
    place: tuple[float, float] = DES_MOINES_PLACE,
) -> bytes:
    """A file of version 1.1.0: 329 columns, DATE among them."""
    first = ("STATION", "Station_name", "DATE", *PARTS, "LATITUDE", "LONGITUDE", "ELEVATION")
    lines = ["|".join(header(first, OF_1_1_0))]
    assert lines[0].count("|") == 328
    for seen in observations:
        where = [id, "SOMEWHERE INTL AP", seen.time, *parts(seen.time), *map(str, place), "291.7"]
        lines.append("|".join([*where, *values(seen, len(OF_1_1_0))]))
    return "".join(f"{line}\n" for line in lines).encode()


def psv_1_0_1(
    observations: Iterable[Observation],
    id: str = DES_MOINES_ID,
    place: tuple[float, float] = DES_MOINES_PLACE,
) -> bytes:
    """A file of version 1.0.1: 238 columns, the time in five of them."""
    first = ("Station_ID", "Station_name", *PARTS, "Latitude", "Longitude", "Elevation")
    lines = ["|".join(header(first, OF_1_0_1))]
    assert lines[0].count("|") == 237
    for seen in observations:
        where = [id, "SOMEWHERE INTL AP", *parts(seen.time), *map(str, place), "291.7"]
        lines.append("|".join([*where, *values(seen, len(OF_1_0_1))]))
    return "".join(f"{line}\n" for line in lines).encode()


PARTS = ("Year", "Month", "Day", "Hour", "Minute")


def header(first: Sequence[str], variables: Sequence[str]) -> list[str]:
    return [*first, *(column for name in variables for column in (name, *(f"{name}_{code}" for code in CODES)))]


def parts(time: str) -> list[str]:
    """Year, month, day, hour and minute."""
    return [time[:4], time[5:7], time[8:10], time[11:13], time[14:16]]


def values(seen: Observation, variables: int) -> list[str]:
    """The temperature with its codes, a dew point, and nothing of all the rest."""
    dew_point = ["-12.2", "", "", "FM-15", "343", "ICAO-KDSM"]
    return [seen.temp, "", seen.quality, "FM-15", seen.source, "ICAO-KDSM", *dew_point, *[""] * (6 * (variables - 2))]


def hourly(year: int, temp: str = "10.0", hours: int | None = None) -> list[Observation]:
    """An observation at minute 53 of every hour of a year, or of its first so many hours."""
    import numpy as np

    first = np.datetime64(f"{year}-01-01T00:53:00")
    n = hours or int((np.datetime64(f"{year + 1}-01-01") - np.datetime64(f"{year}-01-01")).astype(int)) * 24
    return [Observation(str(first + np.timedelta64(hour, "h")), temp) for hour in range(n)]


def path_of(id: str, year: int) -> str:
    """Where NOAA keeps the file."""
    return f"/hourly/access/by-year/{year}/psv/GHCNh_{id}_{year}.psv"
