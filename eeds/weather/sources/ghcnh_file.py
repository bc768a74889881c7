"""GHCNh's station-year files: lines of fields divided by |, read by the names of the columns.

v1.1.0 names its 329 columns STATION, DATE, LATITUDE ...; v1.0.1 its 238 Station_ID, Year, Month, Day, Hour, Minute,
Latitude ... Times are UTC. A value has a quality code and a code of the source that it came to GHCNh from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from eeds.weather.gaps import Series
from eeds.weather.sources import BadFile
from eeds.weather.units import COLDEST_C, HOTTEST_C

# What each column may be called, whatever the case.
NAMES = {
    "station": ("station", "station_id"),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "temperature": ("temperature",),
    "quality": ("temperature_quality_code",),
    "source": ("temperature_source_code",),
}
PARTS = ("year", "month", "day", "hour", "minute")
NUMBERS = frozenset({"latitude", "longitude", "temperature"})
LONGEST_HEADER = 64 * 1024
TAIL = 64 * 1024
BLOCK = 2**20
MALFORMED_SHARE = 0.01  # of the lines; a file with more of them is refused

# Of the legacy codes 2, 3 (suspect, erroneous) and 6, 7 (the same, said by NCEI) are bad. A letter is a check that
# failed, but with the sources of the Integrated Surface Dataset these are edits by its staff.
BAD_DIGITS = "2367"
EDITS = "ACIMPRU"
ISD_SOURCES = frozenset(str(number) for number in range(313, 349))


@dataclass(frozen=True)
class Observations:
    """The good temperatures of a file, and where it says they were measured."""

    station: str  # GHCNh id
    latitude: float
    longitude: float
    times: NDArray[np.datetime64]  # datetime64[s], UTC
    temps: Series  # degC


def read_observations(file: IO[bytes], name: str) -> Observations:
    """The observations in a file; `name` is what errors call it. Raises BadFile."""
    columns = columns_of(file, name)
    check_end(file, name)
    table = read_columns(file, name, columns)
    temps = table["temperature"].to_numpy()
    good = passed_checks(table["quality"], table["source"]) & (temps >= COLDEST_C) & (temps <= HOTTEST_C)
    stations = table["station"].unique().to_pylist()
    if len(stations) != 1 or not stations[0]:
        raise BadFile(f"{name} should have one station in it, and has {', '.join(map(repr, stations[:3]))}.")
    return Observations(
        station=stations[0],
        latitude=median_of(table["latitude"]),
        longitude=median_of(table["longitude"]),
        times=times_of(table, name)[good],
        temps=temps[good],
    )


def columns_of(file: IO[bytes], name: str) -> dict[str, str]:
    """What the columns that we need are called in this file; raises BadFile if it lacks one."""
    header = file.readline(LONGEST_HEADER).decode("latin-1").rstrip("\r\n")
    file.seek(0)
    if not header:
        raise BadFile(f"{name} is empty.")
    spelled = {column.lower(): column for column in header.split("|")}
    required = NAMES | ({"date": ("date",)} if "date" in spelled else {part: (part,) for part in PARTS})
    columns = {key: next((spelled[n] for n in names if n in spelled), None) for key, names in required.items()}
    missing = [required[key][0] for key, column in columns.items() if column is None]
    if missing:
        raise BadFile(f"{name} is no GHCNh file: it has no column {', '.join(missing)}; it begins {header[:60]!r}.")
    return {key: column for key, column in columns.items() if column is not None}


def check_end(file: IO[bytes], name: str) -> None:
    """Raises BadFile if the last line has fewer fields than the first."""
    fields = file.readline(LONGEST_HEADER).count(b"|")
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL))
    last = file.read().rstrip(b"\r\n").rpartition(b"\n")[2]
    file.seek(0)
    if last.count(b"|") < fields:
        raise BadFile(f"{name} was cut short: its last line ends in the middle.")


def read_columns(file: IO[bytes], name: str, columns: Mapping[str, str]) -> Mapping[str, Any]:
    """Some columns of the file, by our names for them. Raises BadFile if there are no lines or too many bad ones."""
    malformed: list[Any] = []

    def skip(row: Any) -> str:
        malformed.append(row)
        return "skip"

    types = {column: pa.float64() if key in NUMBERS else pa.string() for key, column in columns.items()}
    try:
        with csv.open_csv(
            pa.PythonFile(file, "r"),
            csv.ReadOptions(use_threads=False, block_size=BLOCK),
            csv.ParseOptions(delimiter="|", quote_char=False, invalid_row_handler=skip),
            csv.ConvertOptions(column_types=types, include_columns=list(types), null_values=[""]),
        ) as reader:
            table = reader.read_all()
    except pa.ArrowException as error:
        raise BadFile(f"{name} cannot be read: {error}") from error
    if not table.num_rows or len(malformed) > MALFORMED_SHARE * table.num_rows:
        raise BadFile(f"{name} has {table.num_rows:,} lines of observations and {len(malformed):,} malformed ones.")
    return {key: table[column] for key, column in columns.items()}


def median_of(degrees: Any) -> float:
    """The median of a coordinate; NaN if no line has it."""
    known = degrees.drop_null().to_numpy()
    return float(np.median(known)) if known.size else float("nan")


def times_of(table: Mapping[str, Any], name: str) -> NDArray[np.datetime64]:
    """When each line was observed, datetime64[s], UTC."""
    try:
        if "date" in table:
            written = pc.utf8_rtrim(table["date"], characters="Z")
        else:
            year, *others = (table[part] for part in PARTS)
            month, day, hour, minute = (pc.utf8_lpad(part, 2, "0") for part in others)
            date = pc.binary_join_element_wise(year, month, day, "-")
            written = pc.binary_join_element_wise(date, pc.binary_join_element_wise(hour, minute, ":"), "T")
        times: NDArray[np.datetime64] = pc.cast(written, pa.timestamp("s")).to_numpy()
    except pa.ArrowException as error:
        raise BadFile(f"{name} has a time that cannot be read: {error}") from error
    return times


def passed_checks(quality: Any, source: Any) -> NDArray[np.bool_]:
    """Which values no check has failed."""
    pairs = pc.binary_join_element_wise(pc.fill_null(quality, ""), pc.fill_null(source, ""), "|")
    verdicts = pc.dictionary_encode(pairs.combine_chunks())
    good = np.array([is_good(*pair.split("|", 1)) for pair in verdicts.dictionary.to_pylist()], dtype=np.bool_)
    each: NDArray[np.bool_] = good[verdicts.indices.to_numpy()]
    return each


def is_good(quality: str, source: str) -> bool:
    """Whether a value with that quality code, from that source, is one to use."""
    edits: Sequence[str] = EDITS if source.strip() in ISD_SOURCES else ""
    return not any(code in BAD_DIGITS or (code.isalpha() and code not in edits) for code in quality)
