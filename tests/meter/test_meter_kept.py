"""Fits of an earlier result that are not made again."""

import json
from collections.abc import Mapping
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from drawn_buildings import daily
from meter_buildings import GAS, WEATHER, bills_trace, contents, daily_trace, periods

from eeds.meter.compute import compute
from eeds.meter.kept import KeptFit, fit_hash
from eeds.meter.series import FitFacts
from eeds.meter.settings import MeterSettings
from eeds.meter.types import BASELINE, REPORTING, MeterResult

SETTINGS = MeterSettings(models={"electricity": "billing"})
TRACES = [bills_trace(1), daily_trace(GAS.measured() / 29.3001, id=2, code="NG_C_S")]


@pytest.fixture(scope="module")
def first() -> MeterResult:
    return compute(TRACES, WEATHER, periods(), SETTINGS)


def kept_of(result: MeterResult) -> Mapping[str, KeptFit]:
    """As the database gives it back."""
    models = {(model.trace_id, model.period): model.model_json for model in result.traces}
    return {
        fit["sha256"]: KeptFit(models[fit["energy_trace"], fit["period"]], fit.get("numerical_spread"))
        for fit in result.provenance["fits"]
    }


def test_a_result_names_its_fits(first: MeterResult) -> None:
    assert [(fit["energy_trace"], fit["period"]) for fit in first.provenance["fits"]] == [
        (trace, period) for trace in (1, 2) for period in (BASELINE, REPORTING)
    ]
    assert len(kept_of(first)) == 4


def test_a_result_is_the_same_from_fits_that_were_kept(first: MeterResult) -> None:
    assert contents(compute(TRACES, WEATHER, periods(), SETTINGS, kept_of(first))) == contents(first)


def test_fits_that_were_kept_are_taken(first: MeterResult) -> None:
    """Of the gas, whose kept model is made to say a therm more a day; the bills have other models."""
    other = {}
    for key, fit in kept_of(first).items():
        written = json.loads(fit.model_json)
        for part in written["submodels"].values():
            part["coefficients"]["intercept"] += 1
        other[key] = KeptFit(json.dumps(written))
    corrected = [replace(TRACES[0], value=TRACES[0].value * 1.001), TRACES[1]]
    plain, found = (compute(corrected, WEATHER, periods(), SETTINGS, kept) for kept in ({}, other))
    (bills, gas), (found_bills, found_gas) = plain.time_series, found.time_series
    assert np.array_equal(bills.baseline, found_bills.baseline)
    assert found_gas.baseline - gas.baseline == pytest.approx(np.ones(len(gas.baseline)))


def test_a_confidence_level_needs_no_other_fit(first: MeterResult) -> None:
    narrower = msgspec.structs.replace(SETTINGS, confidence_level=0.8)
    found = compute(TRACES, WEATHER, periods(), narrower, kept_of(first))
    assert contents(found) == contents(compute(TRACES, WEATHER, periods(), narrower))
    assert kept_of(found) == kept_of(first)


def test_the_hash_is_of_all_that_a_fit_depends_on() -> None:
    series, year = daily(600), daily(601)
    own = fit_hash("daily", series, (year,), SETTINGS, FitFacts(is_electricity=True))
    assert own == fit_hash("daily", series, (series,), SETTINGS, FitFacts(is_electricity=True))
    robust = msgspec.structs.replace(SETTINGS, robust=True)
    others = [
        fit_hash("billing", series, (year,), SETTINGS, FitFacts(is_electricity=True)),
        fit_hash("daily", series, (year,), SETTINGS, FitFacts(is_electricity=False)),
        fit_hash("daily", year, (year,), SETTINGS, FitFacts(is_electricity=True)),
        fit_hash("daily", replace(series, dates=series.dates + 1), (year,), SETTINGS, FitFacts(is_electricity=True)),
        fit_hash(
            "daily",
            replace(series, temperature=series.temperature + 1),
            (year,),
            SETTINGS,
            FitFacts(is_electricity=True),
        ),
        fit_hash(
            "daily",
            series,
            (year,),
            msgspec.structs.replace(SETTINGS, timezone="Asia/Kolkata"),
            FitFacts(is_electricity=True),
        ),
        fit_hash("daily", series, (year,), robust, FitFacts(is_electricity=True)),
        fit_hash("daily", series, (series,), robust, FitFacts(is_electricity=True)),
    ]
    assert len({own, *others}) == 1 + len(others)
