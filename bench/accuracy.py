"""`script/bench accuracy [buildings] [--seed S] [--models a,b] [--readings a,b] [--archive DIRECTORY] [--json]`: how
right each model is about buildings whose savings are known, by where they come from, fuel and kind of readings.

Errors are in percent of what would have been used without the retrofit. As many buildings had no retrofit (placebo):
what a model finds there is nothing but error. Every model of a line sees the same readings of the same buildings. The
seed of a building is S and a number: an S that is twice as many buildings further on has none of them in common.
--archive adds real buildings (bench/generators/estates.py); without it the only real load shapes are those of the
library's few sample meters.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from bench.generators.cases import BIMONTHS, DAYS, ELECTRICITY, GAS, HOURS, MONTHS, READINGS, Case, readings_of
from bench.generators.estates import of_estates
from bench.generators.populations import DRAWN
from bench.generators.samples import of_samples
from eeds.meter.settings import AUTO, MODELS

if TYPE_CHECKING:
    from eeds.meter.types import Savings

BUILDINGS, FIRST_SEED = 16, 40_000  # 256 cases at 1.5 CPU seconds for all questions: about seven minutes
APART = 10_000_000  # seeds of generators, so that they have no building in common
FUELS = (ELECTRICITY, GAS)
CHANNELS = {ELECTRICITY: ("E_C_S", "KWH"), GAS: ("NG_C_S", "THM")}
Generator = Callable[[int, bool], Case]

# Which models are asked about which readings.
ASKED = {
    "hourly": (HOURS,),
    "caltrack_hourly": (HOURS,),
    "daily": (HOURS, DAYS),
    "caltrack": (HOURS, DAYS, MONTHS, BIMONTHS),
    "billing": (MONTHS, BIMONTHS),
}


@dataclass(frozen=True)
class Finding:
    """Savings that a model found, less those that there were, and how far below and above them its bounds are, in
    percent of what would have been used; NaN where nothing is known of the truth."""

    error: float
    lower: float
    upper: float

    @classmethod
    def of(cls, savings: "Savings", truth: float, would: float) -> Self:
        """What was found where so much was saved of so much that would have been used."""
        percent = 100 / would
        return cls(percent * (savings.value - truth), percent * savings.lower, percent * savings.upper)


@dataclass(frozen=True)
class Outcome:
    """What a model said of one building."""

    generator: str
    fuel: str
    readings: str
    model: str
    seed: int
    source: str
    treated: bool
    metered: Finding | None  # None = refused
    normalized: Finding | None
    seconds: float  # CPU


def main() -> None:
    """Measure, and print tables or JSON."""
    arguments = parse(sys.argv[1:])
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # what reports needs pandas, which is not wanted before the number of threads is set
    from bench.accuracy_report import as_json, print_tables

    started = time.process_time()
    found = measure(arguments, generators(arguments.archive))
    if arguments.json:
        for outcome in found:
            print(as_json(outcome), flush=True)
        return
    outcomes = list(found)
    print(f"{arguments.buildings} buildings with a retrofit and as many without, seed {arguments.seed};", end=" ")
    print(f"{time.process_time() - started:.0f} CPU seconds")
    print_tables(outcomes)


def parse(given: list[str]) -> argparse.Namespace:
    """The arguments."""
    parser = argparse.ArgumentParser(prog="script/bench accuracy", description=__doc__)
    parser.add_argument("buildings", nargs="?", type=int, default=BUILDINGS, help="of each generator and fuel")
    parser.add_argument("--seed", type=int, default=FIRST_SEED)
    parser.add_argument("--models", default=",".join(ASKED), help="all of them if not given")
    parser.add_argument("--readings", default=",".join(READINGS), help="all kinds if not given")
    parser.add_argument("--archive", type=Path, help="a clone of the Cambridge University Estates archive")
    parser.add_argument("--json", action="store_true", help="a line a building, readings and model, as they come")
    return parser.parse_args(given)


def generators(archive: Path | None) -> dict[tuple[str, str], Generator]:
    """By name and fuel."""
    found: dict[tuple[str, str], Generator] = {**DRAWN}
    found |= {("samples", fuel): partial(of_samples, fuel) for fuel in FUELS}
    if archive:
        found |= {("estates", fuel): partial(of_estates, archive, fuel) for fuel in FUELS}
    return found


def measure(arguments: argparse.Namespace, sources: dict[tuple[str, str], Generator]) -> Iterator[Outcome]:
    """What the models say of so many buildings of each source with a retrofit, and of as many without."""
    warm_up()
    for place, ((name, fuel), generator) in enumerate(sources.items()):
        for building in range(2 * arguments.buildings):
            seed, treated = arguments.seed + building + place * APART, building % 2 == 0
            case = generator(seed, treated)
            for model, readings in questions(arguments.models.split(","), arguments.readings.split(",")):
                metered, normalized, seconds = ask(case, model, readings)
                yield Outcome(name, fuel, readings, model, seed, case.source, treated, metered, normalized, seconds)


def questions(models: Sequence[str], readings: Sequence[str]) -> list[tuple[str, str]]:
    """Each of the models that the meter has, with each of the kinds of readings that it is asked about."""
    known = [model for model in MODELS if model != AUTO and model in models]
    return [(model, kind) for model in known for kind in ASKED[model] if kind in readings]


def warm_up() -> None:
    """Compile, so that no building's CPU seconds have it."""
    from eeds.meter.models.warm_up import warm_up as compile_models

    compile_models()


def ask(case: Case, model: str, readings: str) -> tuple[Finding | None, Finding | None, float]:
    """What a model finds with readings of a building, metered and normalized, and its CPU seconds."""
    # the library takes seconds to import, which --help need not wait for
    from eeds.meter.compute import compute
    from eeds.meter.settings import MeterSettings
    from eeds.meter.types import NotModelled, Periods, Trace, Weather

    start, value = readings_of(case, readings)
    trace = Trace(1, *CHANNELS[case.fuel], start, value, np.zeros(len(value), dtype=bool))
    weather = Weather("", "synthetic", case.start, case.temperature, case.normal_temperature, "synthetic")
    begin, retrofit, end = (instant(hour) for hour in (case.start, case.retrofit, case.end))
    started = time.process_time()
    try:
        settings = MeterSettings(model=model, timezone=case.timezone)
        (savings,) = compute([trace], weather, Periods(begin, retrofit, retrofit, end), settings).savings
    except NotModelled:
        return None, None, time.process_time() - started
    seconds = time.process_time() - started
    return metered(case, readings, savings.metered), normalized(case, savings.normalized), seconds


def instant(hour: np.datetime64) -> datetime:
    """With its zone."""
    return hour.astype("datetime64[s]").item().replace(tzinfo=UTC)


def metered(case: Case, readings: str, savings: "Savings | None") -> Finding | None:
    """Against what was saved in the hours that were read."""
    if savings is None:
        return None
    counted = case.counted(readings)
    would = float((case.used + case.saved)[counted].sum())
    return Finding.of(savings, float(case.saved[counted].sum()), would)


def normalized(case: Case, savings: "Savings | None") -> Finding | None:
    """Against what would be saved in the normal year."""
    if savings is None:
        return None
    if case.normal is None:
        return Finding(np.nan, np.nan, np.nan)
    would = savings.baseline if case.normal.expected is None else case.normal.expected
    truth = case.normal.share * would + case.normal.energy
    return Finding.of(savings, truth, would)


if __name__ == "__main__":
    main()
