"""Files with the temperatures of a place over years, as PVGIS and NSRDB give them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from eeds.weather.gaps import Series
from eeds.weather.normals_format import BadLine, BadNormals, Format, When
from eeds.weather.normals_lines import fields_of, format_of, read_lines
from eeds.weather.normals_of_instants import is_nsrdb, is_pvgis
from eeds.weather.observations import Times
from eeds.weather.units import fahrenheit
from eeds.weather.years import FIRST_YEAR, LAST_YEAR

LONGEST_STEP = np.timedelta64(48 * 3600, "s")  # 29 February may be left out


@dataclass
class Instants:
    """Times of UTC, and temperatures in degC, NaN = missing."""

    format: Format
    times: list[datetime] = field(default_factory=list)
    temps: list[float] = field(default_factory=list)

    def take(self, when: When, celsius: float) -> None:
        """Keep a temperature; raises BadLine, and ValueError for a day that there is not."""
        if not FIRST_YEAR <= when.year <= LAST_YEAR:
            raise BadLine(f"its year is {when.year}; years are {FIRST_YEAR} to {LAST_YEAR}")
        clock = datetime(when.year, when.month, when.day) + timedelta(minutes=when.minute)
        self.times.append(clock - timedelta(hours=self.format.utc_offset))
        self.temps.append(celsius)


def is_series(first_line: str) -> bool:
    """Whether a file that begins with this line is one that read_series reads."""
    fields = [cell.strip() for cell in first_line.removeprefix("\N{BYTE ORDER MARK}").split(",")]
    return is_pvgis(fields) or is_nsrdb(fields)


def read_series(text: str) -> tuple[Times, Series]:
    """The times, datetime64[s] of UTC, and temperatures, degF, NaN = missing, of a file of PVGIS or NSRDB; raises
    BadNormals with what is wrong by line."""
    lines = fields_of(text)
    instants = Instants(format_of(lines))
    reasons = list(read_lines(lines, instants.format, instants.take))
    if reasons:
        raise BadNormals(reasons)
    times = np.array(instants.times, "datetime64[s]")
    if not times.size:
        raise BadNormals(["The file has no temperatures."])
    require_order(times)
    return times, fahrenheit(np.array(instants.temps))


def require_order(times: Times) -> None:
    """Raises BadNormals for times that go back, or jump: those of a typical year do, whose months are of different
    years."""
    steps = np.diff(times)
    wrong = (steps <= np.timedelta64(0, "s")) | (steps > LONGEST_STEP)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise BadNormals(
            [
                f"The times go from {times[first]} to {times[first + 1]} (UTC). Those of a series follow one another; "
                "a typical year, with months of different years, is a normal year: eeds upload normals FILE --station "
                "STATION."
            ]
        )
