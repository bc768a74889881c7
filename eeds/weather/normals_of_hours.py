"""Formats whose temperatures are of hours, counted 1 to 24 by their end, in local standard time.

| kind | from |
|---|---|
| TMY3 | NREL, of 2008 (68 columns) and of 2015 (71), manual NREL/TP-581-43156 |
| CZ2010 | California, written like TMY3 |
| TMY2 | NREL, lines of 142 characters, manual NREL/SP-463-7668 |
| EPW | EnergyPlus, AuxiliaryPrograms.pdf; an hour may be in parts |
"""

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

TMY2, TMY3, CZ2010, EPW = "TMY2", "TMY3", "CZ2010", "EPW"
UNKNOWN = (
    "This is none of the files of normal years that are read. How they begin: EPW with LOCATION; TMY2 with a WBAN "
    "number, city, state, time zone and position; PVGIS with Latitude (decimal degrees); NSRDB with Source,Location "
    "ID; of TMY3 and CZ2010 the second line has Date (MM/DD/YYYY), Time (HH:MM) and Dry-bulb (C)."
)

# TMY3 and CZ2010 -----------------------------------------------------------------------------------------------------

DATE, TIME, DRY_BULB = "date (mm/dd/yyyy)", "time (hh:mm)", "dry-bulb (c)"
# CZ2010 has the code of the present weather without its source and uncertainty; TMY3 has all three, or (2008) none.
WEATHER_CODE, WEATHER_SOURCE = "preswth (metar code)", "preswth source"


def tmy3_or_cz2010(lines: Sequence[Fields]) -> Format:
    """Two lines of header: the station, and the names of the columns."""
    columns = places_of(lines[1]) if len(lines) > 1 else {}
    if len(lines[0]) < 7 or not {DATE, TIME, DRY_BULB} <= columns.keys():
        raise BadNormals([UNKNOWN])
    station, _, _, utc_offset, latitude, longitude = lines[0][:6]
    date, time, dry_bulb = columns[DATE], columns[TIME], columns[DRY_BULB]

    def when(line: Fields) -> When:
        month, day, year = (int(part) for part in line[date].split("/"))  # 01/01/1988
        hour, minute = (int(part) for part in line[time].split(":"))  # 01:00
        if minute:
            raise ValueError
        return hour_ending(year, month, day, hour)

    return Format(
        CZ2010 if WEATHER_CODE in columns and WEATHER_SOURCE not in columns else TMY3,
        Place(station, *degrees(latitude, longitude)),
        utc_offset_of(utc_offset),
        header_lines=2,
        fields=max(date, time, dry_bulb) + 1,
        when=when,
        celsius=lambda line: line[dry_bulb],
        missing=-9900.0,
    )


# TMY2 ----------------------------------------------------------------------------------------------------------------

TMY2_HEADER = re.compile(
    r" (?P<wban>\d{5}) .{22} .. (?P<utc_offset>[ \d.-]{3}) (?P<north>[NS]) *(?P<latitude>\d+ +\d+)"
    r" (?P<east>[EW]) *(?P<longitude>\d+ +\d+) +-?\d+",
    re.ASCII,
)
TMY2_DRY_BULB = slice(67, 71)  # tenths of a degree
TENTHS = re.compile(r" *-?\d+", re.ASCII)
TMY2_CHARACTERS = 73  # up to the dry bulb's own flags


def tmy2(header: re.Match[str]) -> Format:
    """One line of header; every value has its own columns, ` 62010101...`."""

    def when(line: Fields) -> When:
        year, month, day, hour = (int(line[0][first : first + 2]) for first in (1, 3, 5, 7))
        return hour_ending(1900 + year, month, day, hour)

    def celsius(line: Fields) -> str:
        if len(line[0]) < TMY2_CHARACTERS:
            raise BadLine(f"it has {len(line[0])} characters; a line of TMY2 has 142")
        tenths = line[0][TMY2_DRY_BULB]
        if not TENTHS.fullmatch(tenths):
            raise BadLine(f"its temperature is {tenths!r}, which is no number")
        return f"{tenths[:-1]}.{tenths[-1]}"

    latitude, longitude = (degrees_and_minutes(header[name]) for name in ("latitude", "longitude"))
    place = Place(
        header["wban"],
        latitude if header["north"] == "N" else -latitude,
        longitude if header["east"] == "E" else -longitude,
    )
    return Format(TMY2, place, utc_offset_of(header["utc_offset"]), 1, 1, when, celsius, missing=999.9)


def degrees_and_minutes(text: str) -> float:
    """Degrees, from degrees and minutes."""
    whole, minutes = text.split()
    return int(whole) + int(minutes) / 60


# EPW -----------------------------------------------------------------------------------------------------------------

EPW_HEADER_LINES = 8
RECORDS = re.compile(r" *0*([1-9]|[1-5]\d|60) *", re.ASCII)


def epw(lines: Sequence[Fields]) -> Format:
    """Eight lines of header, of which the first says where it is and the eighth how many records an hour has."""
    if len(lines) < EPW_HEADER_LINES or len(lines[0]) < 10:
        raise BadNormals([UNKNOWN])
    _, _, _, _, _, station, latitude, longitude, utc_offset = lines[0][:9]
    records = records_an_hour(lines[EPW_HEADER_LINES - 1])

    def when(line: Fields) -> When:
        year, month, day, hour, minute = (int(field) for field in line[:5])  # 1999,1,1,1,60,...
        start = hour_ending(year, month, day, hour)
        # The minute at which a part of an hour ends, or begins. Of whole hours it is 0 or 60, and means nothing.
        return start._replace(minute=start.minute + min(minute, 59)) if records > 1 else start

    return Format(
        EPW,
        Place(station, *degrees(latitude, longitude)),
        utc_offset_of(utc_offset),
        EPW_HEADER_LINES,
        fields=7,
        when=when,
        celsius=lambda line: line[6],
        missing=99.9,
        records_an_hour=records,
    )


def records_an_hour(line: Fields) -> int:
    """From the line DATA PERIODS,1,4,Data,Sunday,1/1,12/31; raises BadNormals."""
    name, _, records = [*line, "", "", ""][:3]
    if name.strip().casefold() != "data periods" or not re.fullmatch(r" *([1-5]?[1-9]|[1-6]0) *", records, re.ASCII):
        raise BadNormals(
            [
                f"line {EPW_HEADER_LINES}: it must be DATA PERIODS, the number of periods, and that of records an "
                "hour, 1 to 60."
            ]
        )
    return int(records)


def hour_ending(year: int, month: int, day: int, hour: int) -> When:
    """An hour that is counted 1 to 24; raises BadLine."""
    if not 1 <= hour <= 24:
        raise BadLine(f"its hour is {hour}; hours are counted 1 to 24")
    return When(year, month, day, (hour - 1) * 60)
