"""The lines of a file of temperatures, read as its format says."""

import csv
import math
from collections.abc import Callable, Iterator, Sequence

from eeds.weather.normals_format import BadLine, BadNormals, Fields, Format, When
from eeds.weather.normals_of_hours import TMY2_HEADER, epw, tmy2, tmy3_or_cz2010
from eeds.weather.normals_of_instants import is_nsrdb, is_pvgis, nsrdb, pvgis
from eeds.weather.units import COLDEST_C, HOTTEST_C


def fields_of(text: str) -> list[list[str]]:
    """The lines, each as its fields; a quote never reaches beyond its line."""
    lines = text.removeprefix("\N{BYTE ORDER MARK}").split("\n")
    try:
        return [next(csv.reader([line]), []) for line in lines]
    except csv.Error as error:
        raise BadNormals([f"This is no normal year: {error}."]) from error


def format_of(lines: Sequence[Fields]) -> Format:
    """Which format a file has, by its first lines; raises BadNormals."""
    first = lines[0]
    name = first[0].strip().casefold() if first else ""
    if name == "location":
        return epw(lines)
    if is_pvgis(first):
        return pvgis(lines)
    if is_nsrdb(first) and len(lines) > 2:
        return nsrdb(lines)
    header = TMY2_HEADER.fullmatch(first[0].rstrip()) if len(first) == 1 else None
    return tmy2(header) if header else tmy3_or_cz2010(lines)


def read_lines(lines: Sequence[Fields], format: Format, take: Callable[[When, float], None]) -> Iterator[str]:
    """Hand over the temperatures, degC, NaN = missing; gives what is wrong by line. `take` raises BadLine, and
    ValueError for a day that there is not. What is below a blank line behind temperatures of instants is about the
    file."""
    is_behind = False
    for number, line in enumerate(lines[format.header_lines :], format.header_lines + 1):
        if not any(line):
            if is_behind and format.is_of_instants:
                return
            continue
        is_behind = True
        try:
            take(*read_line(line, format))
        except ValueError:
            yield f"line {number}: its month, day and hour cannot be read."
        except BadLine as error:
            yield f"line {number}: {error}."


def read_line(line: Fields, format: Format) -> tuple[When, float]:
    """When a line is of, and its temperature; raises BadLine, and ValueError for a time that cannot be read."""
    if len(line) < format.fields:
        raise BadLine(f"it has {len(line)} fields, and must have {format.fields}")
    return format.when(line), temperature(format.celsius(line), format.missing)


def temperature(text: str, missing: float) -> float:
    """A temperature in degC, NaN for a missing one; raises BadLine."""
    try:
        value = float(text) if text.strip() else math.nan
    except ValueError:
        raise BadLine(f"its temperature is {text!r}, which is no number") from None
    if math.isnan(value) or value == missing:
        return math.nan
    if not COLDEST_C <= value <= HOTTEST_C:
        raise BadLine(f"its temperature is {text}; it must be between {COLDEST_C:g} and {HOTTEST_C:g} degrees Celsius")
    return value
