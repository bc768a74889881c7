"""`script/bench coverage [buildings] [population] [confidence level]`: how right the meter is about buildings whose
truth is known, and how honest about it.

Each building is run through the meter by days, by bills and by hours. Errors are in percentage points of what it would
have used. The oracle knows how a building responds to weather and pays only for the noise of the reporting year. A fit
of the true form (base load, heating and cooling, everything known of them but how much of each) to the days of one
noisy year pays for the noise of that year as well: about the square root of 2 times the oracle's error is the least
that one can expect of a meter. A share of 95 % of 200 buildings is known to within 1.5 points (standard error).
"""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from bench.api import Line, show
from bench.buildings import POPULATIONS, START, YEAR, Building, Numbers, draw

PROCESSES = 2
FIRST_SEED = 20_000
# How large the mean absolute error may be, as a multiple of the oracle's.
RATIOS = {"daily": 1.35, "billing": 2.5, "hourly": None}
MONTHS = np.arange(np.datetime64("2014-01"), np.datetime64("2016-02"))  # 24 bills and the marker behind them


@dataclass(frozen=True)
class Error:
    """What the meter said of one building, in percentage points of what it would have used."""

    model: str
    metered: float
    metered_width: float
    normalized: float
    normalized_width: float
    oracle: float
    true_form: float


def main() -> None:
    """Measure and print the table."""
    buildings, population, level = [*sys.argv[1:], *["200", "typical", "0.95"][len(sys.argv) - 1 :]]
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    seeds = range(FIRST_SEED, FIRST_SEED + int(buildings))
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = pool.map(measure, seeds, [population] * len(seeds), [float(level)] * len(seeds))
        errors = [error for of_building in found for error in of_building]
    for model in RATIOS:
        of_model = [error for error in errors if error.model == model]
        print(f"\n{model}, {len(of_model)} of {buildings} {population} buildings")
        if of_model:
            show(lines(of_model, RATIOS[model], float(level)))


def measure(seed: int, population: str, level: float) -> list[Error]:
    """What the meter says of a building with each model; models that it refuses are left out."""
    building = draw(POPULATIONS[population], seed)
    found = [error_of(building, model, level) for model in RATIOS]
    return [error for error in found if error is not None]


def error_of(building: Building, model: str, level: float) -> Error | None:
    """One run of the meter, with nothing between it and a user but the database."""
    # the library takes seconds to import, which the process that only collects need not wait for
    from eeds.meter.compute import compute
    from eeds.meter.settings import MeterSettings
    from eeds.meter.types import NotModelled, Periods, Trace, Weather

    start, value = readings(building, model)
    trace = Trace(1, "E_C_S", "KWH", start.astype("datetime64[s]"), value, np.zeros(len(value), dtype=bool))
    weather = Weather("", "synthetic", START, building.temperature, building.normal_temperature, "synthetic")
    retrofit = datetime(2015, 1, 1, tzinfo=UTC)
    periods = Periods(datetime(2014, 1, 1, tzinfo=UTC), retrofit, retrofit, datetime(2016, 1, 1, tzinfo=UTC))
    try:
        (savings,) = compute([trace], weather, periods, MeterSettings(model=model, confidence_level=level)).savings
    except NotModelled:
        return None
    if savings.metered is None or savings.normalized is None:
        return None
    after = np.arange(len(building.expected)) >= YEAR * 24
    reporting = after & (building.present if model != "billing" else True)
    used = float(building.expected[reporting].sum())
    normal = float(building.normal_expected.sum())
    return Error(
        model,
        metered=100 * (savings.metered.value / used - building.savings),
        metered_width=100 * savings.metered.lower / used,
        normalized=100 * (savings.normalized.value / normal - building.savings),
        normalized_width=100 * savings.normalized.lower / normal,
        oracle=100 * float(building.noise[reporting].sum()) / used,
        true_form=100 * error_of_true_form(building, reporting) / used,
    )


def error_of_true_form(building: Building, reporting: NDArray[np.bool_]) -> float:
    """How far the metered savings of some hours are off, in kWh, by least squares on the days of the baseline year."""
    parts = np.array(building.parts)
    days = parts[:, : YEAR * 24].reshape(len(parts), YEAR, 24).sum(axis=2).T
    measured = building.measured[: YEAR * 24].reshape(YEAR, 24).sum(axis=1)
    there = ~np.isnan(measured)
    shares, *_ = np.linalg.lstsq(days[there], measured[there])
    return float((shares @ parts - building.expected - building.noise)[reporting].sum())


def readings(building: Building, model: str) -> tuple[NDArray[np.datetime64], Numbers]:
    """When the readings of two years start, and their values; the last one only marks the end. Bills have no gaps."""
    hourly = building.measured if model != "billing" else building.used
    hours = START + np.arange(len(hourly) + 1)
    if model == "hourly":
        return hours, np.append(hourly, np.nan)
    start = hours[::24] if model == "daily" else MONTHS.astype("datetime64[h]")
    first = (start[:-1] - START).astype(np.intp)
    return start, np.append(np.add.reduceat(hourly, first), np.nan)


def lines(errors: Sequence[Error], ratio: float | None, level: float) -> list[Line]:
    """The table of a model."""
    metered, oracle = np.array([error.metered for error in errors]), np.array([error.oracle for error in errors])
    bias, mae, least = float(metered.mean()), float(np.abs(metered).mean()), float(np.abs(oracle).mean())
    true_form = float(np.abs([error.true_form for error in errors]).mean())
    times = mae / least
    return [
        Line("bias", bias, "pp", "+-0.5", abs(bias) <= 0.5),
        Line("mean absolute error", mae, "pp", "", True),
        Line("    of the oracle", least, "pp", "", True),
        Line("    of a fit of the true form", true_form, "pp", "", True),
        Line(
            "the meter's over the oracle's", times, "x", f"<= {ratio}" if ratio else "", ratio is None or times <= ratio
        ),
        Line("the true form's over the oracle's", true_form / least, "x", "", True),
        *interval("metered", [(error.metered, error.metered_width) for error in errors], level),
        *interval("normalized", [(error.normalized, error.normalized_width) for error in errors], level),
    ]


def interval(what: str, errors: Sequence[tuple[float, float]], level: float) -> list[Line]:
    """Whether the intervals hold the truth as often as they promise, and how wide they are."""
    covered = 100 * float(np.mean([abs(error) <= width for error, width in errors]))
    least, most = (93, 97) if level == 0.95 else (100 * level - 3, 100 * level + 3)
    width = float(np.mean([width for _, width in errors]))
    return [
        Line(f"{what} savings within their interval", covered, "%", f"{least:g}-{most:g}", least <= covered <= most),
        Line(f"{what} savings, mean half width", width, "pp", "", True),
    ]


if __name__ == "__main__":
    main()
