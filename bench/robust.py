"""`script/bench robust [buildings] [first seed]`: how far rounding moves a saving, and what `robust` does about it.

Each building is measured many times by days and by bills: as it is, with temperatures in single precision, and with
readings and temperatures that are off by 10^-8 to 10^-16 of themselves. Savings are in percent of what would have been
used: of synthetic buildings in truth, so that their errors are known; of the library's sample meters as predicted.

A placebo year is one in which nothing was saved. The error of its metered savings is that of the year after a retrofit,
to the last digits, for the baseline's fit is asked about the weather alone. Those of a normal year need a second fit.
"""

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec
import numpy as np
from opendsm.eemeter import load_sample  # type: ignore[import-untyped]

from bench.api import Line, show
from bench.buildings import POPULATIONS, YEAR, Building, Numbers, Rng, draw
from bench.engines import Input, bare_fits, inputs_of, seconds
from eeds.meter.compute import compute
from eeds.meter.fits import Fit, fit_view
from eeds.meter.models import engine
from eeds.meter.models.library import NotFitted
from eeds.meter.models.warm_up import warm_up
from eeds.meter.settings import MeterSettings
from eeds.meter.sufficiency import criteria
from eeds.meter.types import BASELINE, REPORTING, Periods, Trace, Weather
from eeds.meter.views import view_of

BUILDINGS, FIRST_SEED, VARIANTS = 40, 60_000, 6
TIMED = 2  # buildings of each population
MODELS = ("daily", "billing")
LEAST_RATIO = {"daily": 2.5}  # the library's two fits over a run with ten copies
SAMPLES = {"daily": "daily", "billing": "billing_monthly"}
SAMPLE_METERS = ("electricity-cdd-hdd", "electricity-cdd-only", "gas-hdd-only", "gas-intercept-only")
# What robust has to be worth to be the default: half the spread, and no more error than chance explains.
MOST_SPREAD, MOST_ERROR = 0.5, 2.0


@dataclass(frozen=True)
class Found:
    """Of one building, in percentage points: the errors of the metered savings of all its variants, and what is saved
    in a normal year if nothing was."""

    metered: Numbers
    placebo: float

    @property
    def spread(self) -> float:
        """The standard deviation over the variants."""
        return float(np.std(self.metered, ddof=1))


def main() -> None:
    """Measure and print the tables."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    warnings.simplefilter("ignore")
    given = [int(argument) for argument in sys.argv[1:]]
    count, first = [*given, *(BUILDINGS, FIRST_SEED)[len(given) :]]
    warm_up()
    for model in MODELS:
        for population in POPULATIONS:
            pairs = list(pairs_of(model, population, range(first, first + count)))
            print(f"\n{model}, {len(pairs)} of {count} {population} buildings from seed {first}, {VARIANTS} variants")
            show([*spread_lines([(usual.spread, robust.spread) for usual, robust in pairs]), *error_lines(pairs)])
        print(f"\n{model}, {len(SAMPLE_METERS)} sample meters of the library, {VARIANTS} variants")
        show(spread_lines([sample_spreads(sample_of(model, name)) for name in SAMPLE_METERS]))
        print(f"\n{model}, CPU time of {TIMED} buildings of each population")
        show(cost_lines(model))


def pairs_of(model: str, population: str, seeds: range) -> Iterator[tuple[Found, Found]]:
    """What is found of each building without and with ten copies, but for those that cannot be fitted."""
    for seed in seeds:
        building = draw(POPULATIONS[population], seed)
        with suppress(NotFitted):
            yield found(building, model, seed, robust=False), found(building, model, seed, robust=True)


def found(building: Building, model: str, seed: int, *, robust: bool) -> Found:
    """What is found of a building; the same variants for the same seed."""
    fits = fits_of_variants(with_copies(inputs_of(model, building), robust=robust), np.random.default_rng(seed))
    after = np.arange(len(building.expected)) >= YEAR * 24
    used = float(building.expected[after & (building.present if model != "billing" else True)].sum())
    placebo = with_copies(inputs_of(model, replace(building, savings=0.0)), robust=robust)
    normal = np.sum(fits[0].normal.energy) - np.sum(fit(placebo, REPORTING).normal.energy)
    return Found(
        np.array([100 * (saved(each) / used - building.savings) for each in fits]),
        100 * float(normal) / float(building.normal_expected.sum()),
    )


def with_copies(inputs: Input, *, robust: bool) -> Input:
    """The same with this setting."""
    traces, weather, periods, settings = inputs
    return traces, weather, periods, msgspec.structs.replace(settings, robust=robust)


def fits_of_variants(inputs: Input, rng: Rng) -> list[Fit]:
    """A fit of the baseline to each variant, that of the input as it is first."""
    return [fit(variant, BASELINE) for variant in variants(inputs, rng)]


def variants(inputs: Input, rng: Rng) -> Iterator[Input]:
    """The same but for rounding."""
    traces, weather, periods, settings = inputs
    yield inputs
    real = [temperature.astype(np.float32).astype(np.float64) for temperature in (weather.observed, weather.normal)]
    yield traces, replace(weather, observed=real[0], normal=real[1]), periods, settings
    for digits in np.linspace(8, 16, VARIANTS - 2):
        value, observed, normal = (
            exact * (1 + 10**-digits * rng.normal(size=len(exact)))
            for exact in (traces[0].value, weather.observed, weather.normal)
        )
        yield [replace(traces[0], value=value)], replace(weather, observed=observed, normal=normal), periods, settings


def fit(inputs: Input, period: str) -> Fit:
    """The model of a period."""
    (trace,), weather, periods, settings = inputs
    view = view_of(trace, weather, periods, settings)
    target = view.targets[period]
    return fit_view(view, target, criteria(view, target), weather, settings)


def saved(fit: Fit) -> float:
    """Metered savings, in the unit of the trace."""
    return float(np.nansum((fit.predicted.energy - fit.view.cells.energy)[fit.view.compared]))


def sample_spreads(inputs: Input) -> tuple[float, float]:
    """The spread of a meter without and with ten copies, in percent of what is predicted on average."""
    usual, robust = (
        fits_of_variants(with_copies(inputs, robust=robust), np.random.default_rng(0)) for robust in (False, True)
    )
    used = np.mean([np.nansum(each.predicted.energy[each.view.compared]) for each in usual])
    spreads = [100 * float(np.std([saved(each) for each in fits], ddof=1) / used) for fits in (usual, robust)]
    return spreads[0], spreads[1]


def sample_of(model: str, name: str) -> Input:
    """A sample meter: a year before its blackout, and one after it."""
    meter, temperature, about = load_sample(f"il-{name}-{SAMPLES[model]}")
    start = meter.index.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")
    kind = ("E_C_S", "KWH") if name.startswith("electricity") else ("NG_C_S", "THM")
    trace = Trace(1, *kind, start, meter.value.to_numpy(dtype=float), np.zeros(len(start), dtype=bool))
    hourly = temperature.asfreq("h")
    normal = hourly["2017"].to_numpy(dtype=float)
    first = np.datetime64(hourly.index[0].tz_localize(None), "h")
    weather = Weather("", "upload", first, hourly.to_numpy(dtype=float), normal, "derived")
    before, after = (about[f"blackout_{edge}_date"] for edge in ("start", "end"))
    periods = Periods(None, before, after, after + timedelta(days=YEAR))
    return [trace], weather, periods, MeterSettings(model=model, ignore_disqualification=True)


def spread_lines(spreads: Sequence[tuple[float, float]]) -> list[Line]:
    """How far rounding moves the savings of meters, each without and with ten copies."""
    usual, robust = np.array(spreads).T
    share = float(robust.mean() / usual.mean())
    return [
        *both("spread, mean", float(usual.mean()), float(robust.mean())),
        *both("spread, median", float(np.median(usual)), float(np.median(robust))),
        *both("spread, largest", float(usual.max()), float(robust.max())),
        Line("spread, mean, robust over usual", share, "x", f"<= {MOST_SPREAD}", share <= MOST_SPREAD),
    ]


def error_lines(pairs: Sequence[tuple[Found, Found]]) -> list[Line]:
    """How wrong either is about buildings."""
    metered = np.array([[each.metered for each in pair] for pair in pairs])  # building, setting, variant
    placebo = np.array([[each.placebo for each in pair] for pair in pairs])
    absolute = np.abs(metered).mean(axis=2)
    return [
        *both("metered savings, bias", *metered.mean(axis=(0, 2))),
        *both("metered savings, mean absolute error", *absolute.mean(axis=0)),
        more_error(absolute),
        *both("a normal year's, placebo, bias", *placebo.mean(axis=0)),
        *both("a normal year's, placebo, mean absolute", *np.abs(placebo).mean(axis=0)),
        more_error(np.abs(placebo)),
    ]


def more_error(absolute: Numbers) -> Line:
    """How many standard errors the mean absolute error rises by, of buildings without and with ten copies."""
    more = absolute[:, 1] - absolute[:, 0]
    standard_error = float(np.std(more, ddof=1) / np.sqrt(len(more)))
    times = float(more.mean()) / standard_error if standard_error > 0 else 0.0
    return Line("    robust - usual, in standard errors", times, "", f"<= {MOST_ERROR}", times <= MOST_ERROR)


def both(what: str, usual: float, robust: float) -> list[Line]:
    """Two lines of percentage points."""
    return [Line(what, usual, "pp", "", True, 3), Line("    robust", robust, "pp", "", True, 3)]


def cost_lines(model: str) -> list[Line]:
    """What ten copies cost."""
    buildings = [draw(population, FIRST_SEED + seed) for population in POPULATIONS.values() for seed in range(TIMED)]
    usual, robust, library = np.mean([times_of(inputs_of(model, building)) for building in buildings], axis=0)
    least, ratio = LEAST_RATIO.get(model), library / robust
    return [
        Line("a project, CPU", usual * 1000, "ms", "", True),
        Line("    robust", robust * 1000, "ms", "", True),
        Line("    robust over usual", robust / usual, "x", "", True),
        Line(
            "    the library's two fits over robust", ratio, "x", f">= {least}" if least else "", ratio >= (least or 0)
        ),
    ]


def times_of(inputs: Input) -> tuple[float, float, float]:
    """CPU seconds of a run without and with ten copies, and of the library's fits."""
    return (
        seconds(engine.COMPILED, lambda: compute(*inputs)),
        seconds(engine.COMPILED, lambda: compute(*with_copies(inputs, robust=True))),
        seconds(engine.LIBRARY, bare_fits(inputs[3].model, *inputs)),
    )


if __name__ == "__main__":
    main()
