"""What the meter costs on the compiled engine: CPU seconds of whole computations, against those of the same on the
library, and of the library's two fits alone, of the same buildings in one run."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

import numpy as np

from bench.api import Line
from bench.buildings import POPULATIONS, START, Building, draw
from bench.coverage import BILLS, DAYS, HOURS, readings_of
from eeds.meter.batch import BatchProject, compute_many
from eeds.meter.compute import compute
from eeds.meter.models import engine
from eeds.meter.models.daily import BillingModel, DailyModel
from eeds.meter.models.hourly import HourlyModel
from eeds.meter.models.library import FittedModel
from eeds.meter.models.warm_up import warm_up
from eeds.meter.series import FitFacts
from eeds.meter.settings import MeterSettings
from eeds.meter.types import Periods, Trace, Weather
from eeds.meter.views import view_of

FIRST_SEED = 30_000
RETROFIT = datetime(2015, 1, 1, tzinfo=UTC)
PERIODS = Periods(datetime(2014, 1, 1, tzinfo=UTC), RETROFIT, RETROFIT, datetime(2016, 1, 1, tzinfo=UTC))
MODELS: dict[str, type[FittedModel]] = {"daily": DailyModel, "billing": BillingModel, "hourly": HourlyModel}
BUILDINGS = {"daily": 4, "billing": 10, "hourly": 4}  # of each population
READINGS = {"daily": DAYS, "billing": BILLS, "hourly": HOURS}
SHARED_ROUNDS = 3
TARGETS = {"daily": 25, "billing": 7, "hourly": 4.5}

Input = tuple[list[Trace], Weather, Periods, MeterSettings]


def ratios() -> Iterator[Line]:
    """By model, the time of a project, and how much longer the library takes for the same, and for its two fits."""
    warm_up()
    for model, target in TARGETS.items():
        seeds = range(FIRST_SEED, FIRST_SEED + BUILDINGS[model])
        buildings = [draw(population, seed) for population in POPULATIONS.values() for seed in seeds]
        inputs = [inputs_of(model, building) for building in buildings]
        own, library, fits = np.mean([times_of(model, *given) for given in inputs], axis=0)
        yield Line(f"a {model} project, both models, CPU", own * 1000, "ms", "", True)
        yield Line("    the same by the library", library / own, "x", f">= {target}", library / own >= target)
        yield Line("    the library's two fits alone", fits / own, "x", "", True)
        yield Line("    less as one of many of its station", 100 * shared(inputs), "%", "", True)


def shared(inputs: Sequence[Input]) -> float:
    """The part of a project's time that one of many projects of a station is spared, because what follows from the
    weather alone was found for the first: of each building in its own weather, once fresh and once used."""
    times = []
    for (traces, weather, periods, settings), _ in product(inputs, range(SHARED_ROUNDS)):
        project = BatchProject(traces, periods)
        with engine.using(engine.COMPILED):
            outcomes = compute_many([project, project], replace(weather), settings)
            times.append([seconds_of(lambda: next(outcomes)) for _ in range(2)])  # noqa: B023 - called at once
    first, later = np.transpose(times)
    return float(np.median(first - later) / np.median(first))


def times_of(model: str, *given: Any) -> tuple[float, float, float]:
    """CPU seconds of a computation on either engine, and of the library's fits."""
    return (
        seconds(engine.COMPILED, lambda: compute(*given)),
        seconds(engine.LIBRARY, lambda: compute(*given)),
        seconds(engine.LIBRARY, bare_fits(model, *given)),
    )


def inputs_of(model: str, building: Building) -> Input:
    """What the meter is given of a building."""
    start, value = readings_of(building, READINGS[model])
    trace = Trace(1, "E_C_S", "KWH", start.astype("datetime64[s]"), value, np.zeros(len(value), dtype=bool))
    weather = Weather("", "synthetic", START, building.temperature, building.normal_temperature, "synthetic")
    return [trace], weather, PERIODS, MeterSettings(model=model, ignore_disqualification=True)


def bare_fits(
    model: str, traces: list[Trace], weather: Weather, periods: Periods, settings: MeterSettings
) -> Callable[[], Any]:
    """The fits of both periods, and nothing else."""
    view = view_of(traces[0], weather, periods, settings)
    cells = [view.cells.select(target.mask) for target in view.targets.values()]

    def work() -> list[FittedModel]:
        return [MODELS[model].fit(part, settings, FitFacts(is_electricity=True)) for part in cells]

    return work


def seconds(name: str, work: Callable[[], Any]) -> float:
    """CPU seconds of some work on an engine, the second time."""
    with engine.using(name):
        if name == engine.COMPILED:
            work()
        return seconds_of(work)


def seconds_of(work: Callable[[], Any]) -> float:
    """CPU seconds of some work."""
    started = time.process_time()
    work()
    return time.process_time() - started
