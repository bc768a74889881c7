"""`script/bench coverage [buildings] [population] [--level L] [--climates C] [--seed S] [--readings a,b]`: how right
the meter is about buildings whose truth is known, and how honest about it.

Each building, in a climate of its own, is run through the meter by days, hours and bills, with a reporting period of a
year, of six and of three months. Errors are in percentage points of what it would have used meanwhile. The oracle knows
how a building responds to weather and pays only for the noise of the reporting year. A fit of the true form (base load,
heating and cooling, everything known of them but how much of each) to the days of one noisy year pays for the noise of
that year as well: about the square root of 2 times the oracle's error is the least that one can expect of a meter. A
share of 95 % of 200 buildings is known to within 1.5 points (standard error).

Portfolios are of 40 buildings in each of some climates: the sums of 10 and of 40 buildings of one, and of all. Sums of
40 are few, and that of all is one, so that their shares are known as little.

Populations: typical, unruly; like the typical one, but with savings that are not in proportion to the use: constant,
cooling; with shocks that all buildings of a climate have in common: shocked.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bench.api import Line, show
from bench.buildings import ALL_POPULATIONS, START, YEAR, Building, Numbers, draw
from bench.portfolios import IN_A_CLIMATE, portfolio_lines
from eeds.meter.types import MonthSavings, Savings, TraceSavings

PROCESSES = 2
FIRST_SEED = 20_000
MONTHS = np.arange(np.datetime64("2014-01"), np.datetime64("2016-02"))  # 24 bills and the marker behind them
DAYS, BILLS, BIMONTHS, HOURS = READINGS = "days", "bills", "bimonthly", "hours"
WHOLE, HALF, QUARTER = PERIODS = {"a year": 12, "six months": 6, "three months": 3}
BY_MONTH, CUMULATIVE = "single months", "cumulative, months 1 to 11"


@dataclass(frozen=True)
class Question:
    """A model and the readings that it is fitted to."""

    model: str  # in the meter's settings
    readings: str
    ratio: float | None = None  # how large the mean absolute error may be, as a multiple of the oracle's

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.model}, {self.readings}"


QUESTIONS = (
    Question("daily", DAYS, 1.35),
    Question("caltrack", DAYS),
    Question("billing", BILLS, 2.5),
    Question("caltrack", BILLS),
    Question("billing", BIMONTHS),
    Question("caltrack", BIMONTHS),
    Question("hourly", HOURS),
    Question("caltrack_hourly", HOURS),
)


@dataclass(frozen=True)
class Miss:
    """How far a value is off, in percentage points, and how far it may be by its bounds."""

    error: float
    lower: float
    upper: float

    @property
    def is_held(self) -> bool:
        """Whether the truth is within the bounds."""
        return -self.upper <= self.error <= self.lower


@dataclass(frozen=True)
class Found:
    """What the meter said of one building with a model."""

    question: Question
    climate: int
    savings: Savings  # metered, of the year
    truth: float
    used: float  # what it would have used
    oracle: float
    true_form: float
    misses: dict[str, list[Miss]] = field(default_factory=dict)


def main() -> None:
    """Measure and print the tables."""
    given = parse(sys.argv[1:])
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    asked = [question for question in QUESTIONS if question.readings in given.readings.split(",")]
    ask = partial(measure, population=given.population, level=given.level, questions=asked)
    alone = [(given.seed + number, None) for number in range(given.buildings)]
    together = [
        (given.seed + number, given.seed + number // IN_A_CLIMATE) for number in range(given.climates * IN_A_CLIMATE)
    ]
    with ProcessPoolExecutor(PROCESSES) as pool:
        found, shared = list(pool.map(ask, alone)), list(pool.map(ask, together))
    for question in asked:
        of_model = [one for of_building in found for one in of_building if one.question == question]
        sums = [one for of_building in shared for one in of_building if one.question == question]
        print(f"\n{question.name}, {len(of_model)} of {given.buildings} {given.population} buildings")
        parts = [] if not of_model else lines(of_model, question.ratio, given.level)
        show([*parts, *portfolio_lines(sums, given.level)])


def parse(given: list[str]) -> argparse.Namespace:
    """The arguments."""
    parser = argparse.ArgumentParser(prog="script/bench coverage", description=__doc__)
    parser.add_argument("buildings", nargs="?", type=int, default=200, help="in climates of their own")
    parser.add_argument("population", nargs="?", choices=ALL_POPULATIONS, default="typical")
    parser.add_argument("--level", type=float, default=0.95, help="of confidence")
    parser.add_argument("--climates", type=int, default=5, help=f"with {IN_A_CLIMATE} buildings each")
    parser.add_argument("--seed", type=int, default=FIRST_SEED, help="of the first building")
    parser.add_argument("--readings", default=",".join(READINGS), help="all kinds if not given")
    return parser.parse_args(given)


def measure(seeds: tuple[int, int | None], population: str, level: float, questions: Sequence[Question]) -> list[Found]:
    """What the meter says of a building with each model; models that it refuses are left out. `seeds`: of the building
    and of its climate; what is in a climate with others is measured over the year alone."""
    seed, climate = seeds
    building = draw(ALL_POPULATIONS[population], seed, climate)
    periods = dict(PERIODS) if climate is None else {WHOLE: PERIODS[WHOLE]}
    found = [found_of(building, question, level, periods, climate or 0) for question in questions]
    return [one for one in found if one is not None]


def found_of(
    building: Building, question: Question, level: float, periods: dict[str, int], climate: int
) -> Found | None:
    """The runs of a building with a model."""
    year, readings = run(building, question, level, PERIODS[WHOLE]), question.readings
    if year is None or year.metered is None:
        return None
    hours = reported(building, readings, PERIODS[WHOLE])
    used = float(building.expected[hours].sum())
    found = Found(
        question,
        climate,
        year.metered,
        float(building.saved[hours].sum()),
        used,
        oracle=100 * float(building.noise[hours].sum()) / used,
        true_form=100 * error_of_true_form(building, hours) / used,
    )
    for name, months in periods.items():
        one = year if name == WHOLE else run(building, question, level, months)
        if one is not None and one.metered is not None:
            hours = reported(building, readings, months)
            found.misses[f"metered savings, {name}"] = [
                miss(one.metered, building.saved[hours], building.expected[hours])
            ]
    if year.normalized:
        found.misses["normalized savings"] = [miss(year.normalized, building.normal_saved, building.normal_expected)]
    if readings != BIMONTHS:  # half of a bill is not what was used in half of its time
        found.misses.update(misses_of_months(building, readings, year.months))
    return found


def miss(savings: Savings, saved: Numbers, expected: Numbers) -> Miss:
    """Of savings whose truth is known by the hour."""
    used = float(expected.sum())
    error = savings.value - float(saved.sum())
    return Miss(100 * error / used, 100 * savings.lower / used, 100 * savings.upper / used)


def misses_of_months(building: Building, readings: str, months: Sequence[MonthSavings]) -> dict[str, list[Miss]]:
    """Of single months, and of the sums up to them; the last of these is the year."""
    every, month = reported(building, readings, PERIODS[WHOLE]), month_of_hours(building)
    single, sums, total = [], [], 0.0
    for number, one in enumerate(months):
        own, until = every & (month == number), every & (month <= number) & (month >= 0)
        total += one.value
        until_then = Savings(total, one.cumulative_upper, one.cumulative_lower, 0, 0.0)
        single.append(
            miss(Savings(one.value, one.upper, one.lower, 0, 0.0), building.saved[own], building.expected[own])
        )
        sums.append(miss(until_then, building.saved[until], building.expected[until]))
    return {BY_MONTH: single, CUMULATIVE: sums[:-1]}


def month_of_hours(building: Building) -> NDArray[np.int64]:
    """Of the reporting year, from 0; below in the baseline."""
    hours = START + np.arange(len(building.expected))
    return hours.astype("datetime64[M]").astype(np.int64) - MONTHS[12].astype(np.int64)


def reported(building: Building, readings: str, months: int) -> NDArray[np.bool_]:
    """The hours of the reporting period that are compared: of bills those of whole ones, of others those that were
    read."""
    month = month_of_hours(building)
    months -= months % 2 if readings == BIMONTHS else 0
    return (month >= 0) & (month < months) & (building.present if is_short(readings) else True)


def is_short(readings: str) -> bool:
    """Whether readings are so short that some are missing."""
    return readings in (DAYS, HOURS)


def run(building: Building, question: Question, level: float, months: int) -> TraceSavings | None:
    """One run of the meter, with nothing between it and a user but the database."""
    # the library takes seconds to import, which the process that only collects need not wait for
    from eeds.meter.compute import compute
    from eeds.meter.settings import MeterSettings
    from eeds.meter.types import NotModelled, Periods, Trace, Weather

    start, value = readings_of(building, question.readings)
    trace = Trace(1, "E_C_S", "KWH", start.astype("datetime64[s]"), value, np.zeros(len(value), dtype=bool))
    weather = Weather("", "synthetic", START, building.temperature, building.normal_temperature, "synthetic")
    retrofit, end = (MONTHS[month].astype(datetime) for month in (12, 12 + months))
    instants = [datetime(day.year, day.month, 1, tzinfo=UTC) for day in (retrofit, end)]
    periods = Periods(datetime(2014, 1, 1, tzinfo=UTC), instants[0], *instants)
    settings = MeterSettings(model=question.model, confidence_level=level)
    try:
        (savings,) = compute([trace], weather, periods, settings).savings
    except NotModelled:
        return None
    return savings


def error_of_true_form(building: Building, reporting: NDArray[np.bool_]) -> float:
    """How far the metered savings of some hours are off, in kWh, by least squares on the days of the baseline year."""
    parts = np.array(building.parts)
    days = parts[:, : YEAR * 24].reshape(len(parts), YEAR, 24).sum(axis=2).T
    measured = building.measured[: YEAR * 24].reshape(YEAR, 24).sum(axis=1)
    there = ~np.isnan(measured)
    shares, *_ = np.linalg.lstsq(days[there], measured[there])
    return float((shares @ parts - building.expected - building.noise)[reporting].sum())


def readings_of(building: Building, readings: str) -> tuple[NDArray[np.datetime64], Numbers]:
    """When the readings of two years start, and their values; the last one only marks the end. Bills have no gaps."""
    hourly = building.measured if is_short(readings) else building.used
    hours = START + np.arange(len(hourly) + 1)
    if readings == HOURS:
        return hours, np.append(hourly, np.nan)
    bills = MONTHS[:: 2 if readings == BIMONTHS else 1]
    start = hours[::24] if is_short(readings) else bills.astype("datetime64[h]")
    first = (start[:-1] - START).astype(np.intp)
    return start, np.append(np.add.reduceat(hourly, first), np.nan)


def lines(found: Sequence[Found], ratio: float | None, level: float) -> Iterator[Line]:
    """The table of a model."""
    metered = np.array([found_misses(one, f"metered savings, {WHOLE}")[0].error for one in found])
    bias, mae, least = (float(value) for value in (metered.mean(), np.abs(metered).mean(), mean_size(found, "oracle")))
    times, true_form = mae / least, mean_size(found, "true_form")
    yield Line("bias", bias, "pp", "+-0.5", abs(bias) <= 0.5)
    yield Line("mean absolute error", mae, "pp", "", True)
    yield Line("    of the oracle", least, "pp", "", True)
    yield Line("    of a fit of the true form", true_form, "pp", "", True)
    wanted = f"<= {ratio}" if ratio else ""
    yield Line("the meter's over the oracle's", times, "x", wanted, ratio is None or times <= ratio)
    yield Line("the true form's over the oracle's", true_form / least, "x", "", True)
    names = dict.fromkeys(name for one in found for name in one.misses)
    for name in names:
        yield from interval(name, [miss for one in found for miss in found_misses(one, name)], level)


def found_misses(found: Found, name: str) -> list[Miss]:
    """Of that name; none where the model had none."""
    return found.misses.get(name, [])


def mean_size(found: Sequence[Found], name: str) -> float:
    """Of an error."""
    return float(np.abs([getattr(one, name) for one in found]).mean())


def interval(what: str, misses: Sequence[Miss], level: float) -> Iterator[Line]:
    """Whether the intervals hold the truth as often as they promise, and how wide they are."""
    covered = 100 * float(np.mean([miss.is_held for miss in misses]))
    width = float(np.mean([(miss.lower + miss.upper) / 2 for miss in misses]))
    least, most = (93, 97) if level == 0.95 else (100 * level - 3, 100 * level + 3)
    yield Line(f"{what}, within their interval", covered, "%", f"{least:g}-{most:g}", least <= covered <= most)
    yield Line("    mean half width", width, "pp", "", True)


if __name__ == "__main__":
    main()
