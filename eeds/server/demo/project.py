"""The project that the tutorial loads: ABC, a house in Des Moines, in the columns of the original's sample files."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from eeds.server.demo.building import (
    DES_MOINES,
    Building,
    Floats,
    Response,
    Times,
    Truth,
    hours_of,
    local_daily,
    normal_year,
    temperatures,
)

PROJECT = {
    "project_id": "ABC",
    "zipcode": "50321",
    "retrofit_start_date": "2013-06-01T00:00:00+0000",
    "retrofit_end_date": "2013-07-01T00:00:00+0000",
}
TIMEZONE = "America/Chicago"  # of the zipcode
TRACE_ID = "DEF"
STATION = "725460"  # Des Moines International Airport, the nearest to the zipcode
FIRST_YEAR, LAST_YEAR = 2011, 2014
REPORTING_START = np.datetime64("2013-07-01")

# Heated and cooled by electricity; insulation and a new heat pump.
BUILDING = Building(
    before=Response(base=24.0, heating=1.0, cooling=1.8, weekend=4.0),
    after=Response(base=23.0, heating=0.72, cooling=1.35, weekend=4.0),
    retrofitted=np.datetime64("2013-06-15"),
    noise=0.08,
    noise_correlation=0.4,
)


def weather() -> tuple[Times, Floats]:
    """Every hour (datetime64[h], UTC) of FIRST_YEAR to LAST_YEAR at STATION, and its temperature, degF."""
    hours = hours_of(FIRST_YEAR, LAST_YEAR)
    return hours, temperatures(DES_MOINES, hours, seed=11)


def readings() -> Iterator[dict[str, Any]]:
    """1,462 daily readings of the meter, row by row as in the sample file; the last one marks the end."""
    days, means = local_daily(*weather(), TIMEZONE)
    uses = [*BUILDING.use(days, means, seed=12).tolist(), None]
    for day, value in zip([*days, days[-1] + 1], uses, strict=True):
        yield {
            "project_id": PROJECT["project_id"],
            "trace_id": TRACE_ID,
            "date": f"{day}T00:00:00+0000",
            "value": value,
            "unit": "kWh",
            "fuel": "electricity",
            "estimated": False,
        }


def truths() -> dict[str, Truth]:
    """What is true of each derivative that a result has, over the days that it sums."""
    days, means = local_daily(*weather(), TIMEZONE)
    reported = days >= REPORTING_START
    return {
        "annualized_weather_normal": BUILDING.truth(*normal_year(days, means)),
        "gross_predicted": BUILDING.truth(days[reported], means[reported]),
    }
