"""Formats whose temperatures are of instants, a model's for a place of one's choice.

| kind | from | clock |
|---|---|---|
| PVGIS | the European Commission's JRC: CSV of a typical year, or of a time series | UTC |
| NSRDB | NREL's Physical Solar Model, versions 3 and 4: CSV | the file's own offset |
"""

import math
import re
from collections.abc import Sequence

from eeds.weather.normals_format import (
    BadLine,
    BadNormals,
    Fields,
    Format,
    Place,
    When,
    degrees,
    places_of,
    utc_offset_of,
)

PVGIS, NSRDB = "PVGIS", "NSRDB"

# PVGIS ---------------------------------------------------------------------------------------------------------------

PVGIS_TIME = re.compile(r"(\d{4})(\d\d)(\d\d):(\d\d)(\d\d)", re.ASCII)  # 20180101:0010
PVGIS_HEADER_LINES = 40  # more than any has


def is_pvgis(first: Fields) -> bool:
    """Whether a file's first line is PVGIS's: where it is, or, of its basic output, the columns."""
    name = first[0].strip().casefold() if first else ""
    return name.startswith("latitude (decimal degrees)") or (name.startswith("time") and "t2m" in places_of(first))


def pvgis(lines: Sequence[Fields]) -> Format:
    """Lines of `name: value`, or none, until the one that names the columns, which begin with the time."""
    heads = [places_of(line) for line in lines[:PVGIS_HEADER_LINES]]
    found = (
        number for number, columns in enumerate(heads) if "t2m" in columns and next(iter(columns)).startswith("time")
    )
    header_lines = next(found, -1) + 1
    if not header_lines:
        raise BadNormals(["This PVGIS file has no line that names the columns time and T2m; ask PVGIS for CSV."])
    temperature = heads[header_lines - 1]["t2m"]

    def when(line: Fields) -> When:
        match = PVGIS_TIME.fullmatch(line[0].strip())
        if match is None:
            raise ValueError
        year, month, day, hour, minute = (int(part) for part in match.groups())
        return instant(year, month, day, hour, minute)

    latitude, longitude = (line[0].rpartition(":")[2] if line else "" for line in lines[:2])
    place = Place("", *degrees(latitude, longitude))
    return Format(
        PVGIS,
        place,
        utc_offset=0.0,
        header_lines=header_lines,
        fields=temperature + 1,
        when=when,
        celsius=lambda line: line[temperature],
        missing=math.nan,
        is_of_instants=True,
    )


# NSRDB ---------------------------------------------------------------------------------------------------------------

NSRDB_TIMES = ("year", "month", "day", "hour", "minute")
NSRDB_TEMPERATURE = "temperature"


def is_nsrdb(first: Fields) -> bool:
    """Whether a file's first line is NSRDB's."""
    return bool(first) and first[0].strip().casefold() == "source"


def nsrdb(lines: Sequence[Fields]) -> Format:
    """Three lines of header: names and values of what is true of the whole file, and the names of the columns."""
    known = dict(zip((name.strip().casefold() for name in lines[0]), lines[1], strict=False))
    columns = places_of(lines[2])
    lacking = [name for name in (*NSRDB_TIMES, NSRDB_TEMPERATURE) if name not in columns]
    if "time zone" not in known or lacking:
        raise BadNormals(
            [
                "This begins like a file of NSRDB, but lacks "
                f"{', '.join(lacking) if lacking else 'Time Zone'}; ask NSRDB for the attribute air_temperature."
            ]
        )
    unit = known.get("temperature units", "c").strip()
    if unit.casefold() != "c":
        raise BadNormals([f"line 2: the Temperature Units are {unit!r}; they must be c, degrees Celsius."])
    times, temperature = [columns[name] for name in NSRDB_TIMES], columns[NSRDB_TEMPERATURE]
    return Format(
        NSRDB,
        Place("", *degrees(known.get("latitude", ""), known.get("longitude", ""))),
        utc_offset_of(known["time zone"], line=2),
        header_lines=3,
        fields=max(*times, temperature) + 1,
        when=lambda line: instant(*(int(line[place]) for place in times)),
        celsius=lambda line: line[temperature],
        missing=math.nan,
        is_of_instants=True,
    )


def instant(year: int, month: int, day: int, hour: int, minute: int) -> When:
    """A time of the clock; raises BadLine."""
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        raise BadLine(f"its time is {hour}:{minute:02}; times are 0:00 to 23:59")
    return When(year, month, day, hour * 60 + minute)
