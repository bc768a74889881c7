"""The compiled engine against the library: the same models, predictions and refusals, to the last bit, for every kind
of building. `EEDS_COMPARE=1000` compares so many more."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_buildings import KINDS, billed, daily, hourly
from meter_buildings import RUN_TRACES, SHORT_PERIODS, SHORT_TRACES, WEATHER, contents, periods
from opendsm import eemeter

from eeds.meter.compute import compute
from eeds.meter.models import engine, proof
from eeds.meter.models.compiled.daily import CompiledBillingModel, CompiledDailyModel
from eeds.meter.models.compiled.hourly import CompiledHourlyModel
from eeds.meter.models.daily import BillingModel, DailyModel
from eeds.meter.models.engine import COMPILED, ENGINES, LIBRARY
from eeds.meter.models.hourly import HourlyModel
from eeds.meter.models.library import FittedModel, NotFitted, computing, quiet
from eeds.meter.models.warm_up import warm_up
from eeds.meter.series import FitFacts, Series
from eeds.meter.settings import MeterSettings

ROOT = Path(__file__).parents[2]
ZONES = ("UTC", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "America/Asuncion")
BASELINE_DAYS = 365


def both_ways(work: Callable[[], object]) -> list[object]:
    """What each engine makes of it, compiled and library."""
    found = []
    for name in ENGINES:
        with engine.using(name):
            try:
                with computing("the model failed"):
                    found.append(work())
            except (NotFitted, ValueError) as error:  # the library's hourly model does not predict what it lacks
                found.append(repr(error))
    return found


def model_of(kind: type[FittedModel], fitted: Series, asked: Series, zone: str = "UTC") -> tuple[object, ...]:
    """All that a run takes from a model, as bytes."""
    settings = MeterSettings(ignore_disqualification=True, timezone=zone, seed=5)
    model = kind.fit(fitted, settings, FitFacts(is_electricity=False))
    predicted = model.predict(asked)
    again = model.predict(fitted)
    return model.to_json(), model.parameters, predicted.tobytes(), again.tobytes(), type(model.fitted).__name__[:8]


def assert_same(kind: type[FittedModel], fitted: Series, asked: Series, zone: str = "UTC") -> None:
    """Both engines find the same, and were not the same engine."""
    compiled, library = both_ways(lambda: model_of(kind, fitted, asked, zone))
    if isinstance(compiled, tuple) and isinstance(library, tuple):
        assert (compiled[-1], library[-1] == "Compiled") == ("Compiled", False)
        compiled, library = compiled[:-1], library[:-1]
    assert compiled == library


@pytest.mark.parametrize("kind", KINDS)
def test_bills(kind: str) -> None:
    for seed, (days, every) in enumerate([(365, 30), (365, 61), (180, 20), (90, 15)], 100 + 10 * KINDS.index(kind)):
        assert_same(BillingModel, billed(seed, kind, days, every), daily(seed, "typical", 700))


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        *((kind, 365) for kind in ("typical", "net metered", "zeros", "outliers", "nearly constant")),
        *((kind, 120) for kind in ("nothing", "constant", "huge", "whole numbers", "without weather")),
        ("a month away", 140),
        ("gaps", 40),
    ],
)
def test_days(kind: str, days: int) -> None:
    seed = 300 + KINDS.index(kind)
    assert_same(DailyModel, daily(seed, kind, days), daily(seed, "gaps", 700))


@pytest.mark.parametrize(
    ("kind", "zone"),
    [
        *zip(("typical", "net metered", "whole numbers", "huge", "outliers"), ZONES, strict=True),
        *zip(("constant", "zeros", "without weather"), ZONES[:3], strict=True),
    ],
)
def test_hours(kind: str, zone: str) -> None:
    seed = 400 + KINDS.index(kind)
    assert_same(HourlyModel, hourly(seed, kind, zone), hourly(seed, "typical", zone, 700), zone)


def test_hours_that_lack_readings_temperatures_and_months() -> None:
    gaps = hourly(420, "gaps")
    assert_same(HourlyModel, gaps, hourly(420, days=200))
    holed = gaps.temperature.copy()
    holed[3000:3030] = np.nan
    assert_same(HourlyModel, hourly(421, days=150), Series(gaps.start, gaps.dates, gaps.energy, holed))


def test_whole_runs() -> None:
    """Of everything that a utility may send, by days, and hours of a year with three months of reporting."""
    fuels, others = [RUN_TRACES[1], *RUN_TRACES[2:]], SHORT_TRACES[:1]
    for traces, dates, settings in (
        (fuels, periods(), MeterSettings()),
        (others, SHORT_PERIODS, MeterSettings(model="hourly", timezone="America/Los_Angeles")),
    ):
        compiled, library = both_ways(lambda: compute(traces, WEATHER, dates, settings))  # noqa: B023 - called at once
        assert compiled.provenance["engine"] == COMPILED
        assert library.provenance["engine"] == LIBRARY
        same = contents(compiled).replace(f'"engine": "{COMPILED}"', f'"engine": "{LIBRARY}"')
        assert same == contents(library)


def sample(name: str, data: type) -> object:
    """The baseline of one of the library's own sample meters, as its data of a kind."""
    meter, temperature, _ = eemeter.load_sample(name)
    end = meter.index[0] + np.timedelta64(BASELINE_DAYS, "D")
    observed, temperature = meter["value"][meter.index <= end], temperature[temperature.index <= end]
    is_electricity = "electricity" in name
    if data is eemeter.HourlyBaselineData:
        rows = pd.DataFrame({"observed": observed, "temperature": temperature.reindex(observed.index)})
        return data(rows.iloc[:-1], is_electricity_data=is_electricity)
    return data.from_series(observed, temperature, is_electricity_data=is_electricity)


SAMPLES = [
    (f"il-{fuel}-{spacing}", data, models)
    for spacing, data, models in (
        ("billing_monthly", eemeter.BillingBaselineData, (CompiledBillingModel, eemeter.BillingModel)),
        ("billing_bimonthly", eemeter.BillingBaselineData, (CompiledBillingModel, eemeter.BillingModel)),
        ("daily", eemeter.DailyBaselineData, (CompiledDailyModel, eemeter.DailyModel)),
        ("hourly", eemeter.HourlyBaselineData, (CompiledHourlyModel, eemeter.HourlyModel)),
    )
    for fuel in ("electricity-cdd-hdd", "electricity-cdd-only", "gas-hdd-only", "gas-intercept-only")
    if spacing != "daily" or fuel != "electricity-cdd-only"
]


@pytest.mark.parametrize(("name", "data", "models"), SAMPLES, ids=[name for name, *_ in SAMPLES])
def test_the_librarys_own_sample_meters(name: str, data: type, models: tuple[type, type]) -> None:
    found = []
    with quiet():
        for model in models:
            given = sample(name, data)
            fitted = model().fit(given, ignore_disqualification=True)
            predicted = fitted.predict(given, ignore_disqualification=True)["predicted"]
            found.append((fitted.to_json(), predicted.to_numpy().tobytes()))
    compiled, library = found
    is_same = compiled == library  # pytest would look for the differences of megabytes
    assert is_same


def more() -> Iterator[tuple[type[FittedModel], Series, Series, str]]:
    """Buildings without end: each kind as days, bills and hours."""
    for seed, kind in product(range(1000, 100_000), KINDS):
        zone = ZONES[seed % len(ZONES)]
        yield DailyModel, daily(seed, kind), daily(seed, "typical", 700), "UTC"
        yield BillingModel, billed(seed, kind), daily(seed, "typical", 700), "UTC"
        yield HourlyModel, hourly(seed, kind, zone), hourly(seed, "typical", zone, 700), zone


@pytest.mark.skipif("EEDS_COMPARE" not in os.environ, reason="takes seconds a building")
def test_as_many_as_asked_for() -> None:
    for case in islice(more(), int(os.environ["EEDS_COMPARE"])):
        assert_same(*case)


@pytest.fixture
def kept_engine() -> Iterator[None]:
    """The engine is as it was afterwards."""
    with engine.using(engine.engine()):
        yield


@pytest.mark.usefixtures("kept_engine")
def test_a_worker_proves_the_compiled_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (engine.first_choice().engine, proof.difference()) == (COMPILED, "")
    engine.choose(COMPILED)
    warm_up()
    assert (engine.engine(), engine.why()) == (COMPILED, "")
    library = proof._fit_exp_growth_decay

    def by_a_bit(x: np.ndarray, y: np.ndarray, **options: bool) -> tuple[None, None, float]:
        return None, None, np.nextafter(library(x, y, **options)[2], 0)

    monkeypatch.setattr(proof, "_fit_exp_growth_decay", by_a_bit)
    warm_up()
    assert engine.engine() == LIBRARY
    assert engine.why() == "the compiled engine differs from it in the growth of an hour"


@pytest.mark.usefixtures("kept_engine")
def test_a_compiled_engine_that_fails_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "_fit_exp_growth_decay", None)
    engine.choose(COMPILED)
    warm_up()
    assert engine.engine() == LIBRARY
    assert engine.why() == "the compiled engine fails: TypeError(\"'NoneType' object is not callable\")"


def test_the_library_needs_nothing_that_is_compiled() -> None:
    code = """
import sys
from eeds.meter.models import engine
engine.choose(engine.LIBRARY)
from eeds.meter.models.warm_up import warm_up
warm_up()
print(*(name for name in sys.modules if name.startswith("eeds.meter.models.compiled")))
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert found.stdout.strip() == ""


@pytest.mark.usefixtures("kept_engine")
def test_a_worker_takes_the_library_if_asked_to() -> None:
    warm_up(library=True)
    assert (engine.engine(), engine.why()) == (LIBRARY, "")


@pytest.mark.parametrize("known", ["1.2.6", "1.2", "1"])
def test_other_versions_are_left_to_the_library(monkeypatch: pytest.MonkeyPatch, known: str) -> None:
    monkeypatch.setitem(engine.PROVEN, "opendsm", (known,))
    expected = LIBRARY if known == "1.2.6" else COMPILED
    assert engine.first_choice().engine == expected
    assert engine.first_choice().reason == ("not proven for opendsm 1.2.7" if expected == LIBRARY else "")
