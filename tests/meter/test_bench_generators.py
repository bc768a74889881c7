"""The buildings of the benchmarks: their truth must be one, or what is measured with them is nothing."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.accuracy import ASKED, Finding, Outcome, metered, normalized
from bench.accuracy_report import by_model, comparisons, frame_of, standard_error
from bench.generators.cases import (
    BIMONTHS,
    DAYS,
    ELECTRICITY,
    GAS,
    HOURS,
    MONTHS,
    READINGS,
    Case,
    NormalYear,
    readings_of,
)
from bench.generators.estates import of_estates
from bench.generators.meters import Meter, hours_between, of_weeks_around, two_years
from bench.generators.populations import DRAWN
from bench.generators.samples import SAMPLES, of_samples
from eeds.meter.settings import AUTO, MODELS
from eeds.meter.types import Savings

NORMAL = np.full(8760, 50.0)


def case_of(name: str, fuel: str, seed: int, *, treated: bool) -> Case:
    """A case of a generator that needs no archive."""
    return of_samples(fuel, seed, treated) if name == "samples" else DRAWN[name, fuel](seed, treated)


@pytest.mark.parametrize("fuel", [ELECTRICITY, GAS])
@pytest.mark.parametrize("name", ["typical", "unruly", "smooth", "samples"])
def test_a_case_has_two_years_of_readings_and_saves_in_the_second(name: str, fuel: str) -> None:
    case, again = (case_of(name, fuel, 6, treated=True) for _ in range(2))
    assert np.array_equal(case.used, again.used)
    before = case.start + np.arange(len(case.used)) < case.retrofit
    assert case.saved[before].sum() == 0 < case.saved.sum() < 0.4 * (case.used + case.saved)[~before].sum()
    assert not np.isnan(case.used).any()
    assert fuel == ELECTRICITY or case.used.min() >= 0
    assert len(case.temperature) >= len(case.used) + 24
    assert len(case.normal_temperature) == 8760
    for readings, count in ((DAYS, 730), (MONTHS, 24), (BIMONTHS, 12)):
        start, value = readings_of(case, readings)
        assert len(start) == len(value) == count + 1
        assert start[0] == case.start
        assert case.retrofit in start
        assert start[-1] == case.end
        assert np.isnan(value[-1])


@pytest.mark.parametrize("name", ["typical", "smooth", "samples"])
def test_all_readings_of_a_case_show_the_same_energy(name: str) -> None:
    case = case_of(name, ELECTRICITY, 7, treated=True)
    sums = [np.nansum(readings_of(case, readings)[1]) for readings in READINGS]
    assert sums == pytest.approx([case.used.sum()] * 4)


@pytest.mark.parametrize("fuel", [ELECTRICITY, GAS])
@pytest.mark.parametrize("name", ["typical", "unruly", "smooth", "samples"])
def test_a_placebo_saves_nothing(name: str, fuel: str) -> None:
    case = case_of(name, fuel, 6, treated=False)
    assert not case.saved.any()
    assert case.normal == NormalYear(case.normal.expected if case.normal else None, 0.0)


@pytest.mark.parametrize(
    ("first", "hours"), [(date(2015, 3, 1), 17520), (date(2015, 3, 29), 17519), (date(2013, 10, 26), 17521)]
)
def test_years_are_of_local_days(first: date, hours: int) -> None:
    # summer time begins on the last Sunday of March (29 in 2015, 26 in 2017) and ends on that of October (27 in 2013)
    assert hours_between(first, "Europe/London") == hours


def real(energy: np.ndarray) -> Meter:
    """A meter of three years from 2014."""
    return Meter(
        "office", ELECTRICITY, "Europe/London", np.datetime64("2014-01-01T00", "h"), energy, np.full(len(energy), 60.0)
    )


def test_a_meter_that_changes_much_is_no_case() -> None:
    hours = 3 * 365 * 24
    steady, halved = np.ones(hours), np.where(np.arange(hours) < 9000, 1.0, 0.5)
    assert two_years(real(steady), date(2014, 1, 1), NORMAL, 1, treated=False) is not None
    assert two_years(real(halved), date(2014, 1, 1), NORMAL, 1, treated=False) is None
    assert two_years(real(steady), date(2015, 6, 1), NORMAL, 1, treated=False) is None
    assert two_years(real(steady), date(2013, 6, 1), NORMAL, 1, treated=False) is None


def test_short_gaps_are_filled_from_the_weeks_around() -> None:
    hours = np.arange(6 * 168, dtype=float)
    gaps = hours.copy()
    gaps[[5, 500]] = np.nan
    gaps[600 : 600 + 3 * 168] = np.nan
    filled = of_weeks_around(gaps)
    assert filled[5] == 5 + 168
    assert filled[500] == 500 - 168
    assert np.isnan(filled[600 + 168 : 600 + 2 * 168]).all()


def test_zeros_of_the_archive_are_missing_electricity(tmp_path: Path) -> None:
    for year in range(2009, 2020):
        hours = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h", name="datetime")
        energy = 10.0 + hours.hour.to_numpy()
        energy[::1000] = 0
        write(
            tmp_path / "aux_data/MetOffice Weather Data/processed_data/bedford", year, hours, np.full(len(hours), 10.0)
        )
        write(tmp_path / "building_data/processed_data/b0/electricity", year, hours, energy)
    case = of_estates(tmp_path, ELECTRICITY, 2, treated=False)
    assert case.used.min() == 10
    assert case.used.mean() == pytest.approx(21.5)
    assert set(case.temperature) == {50.0}


def write(folder: Path, year: int, hours: pd.DatetimeIndex, values: np.ndarray) -> None:
    """A file of the archive."""
    folder.mkdir(parents=True, exist_ok=True)
    pd.Series(values, hours).to_csv(folder / f"{year}.csv")


def test_a_model_that_is_right_has_no_error() -> None:
    case = case_of("unruly", ELECTRICITY, 6, treated=True)
    assert case.normal is not None
    assert case.normal.expected is not None
    saved = case.saved[case.counted(HOURS)].sum()
    would = (case.used + case.saved)[case.counted(HOURS)].sum()
    found = metered(case, HOURS, Savings(saved + 0.01 * would, 0.02 * would, 0.03 * would, 365, would))
    assert found is not None
    assert (found.error, found.lower, found.upper) == pytest.approx((1, 3, 2))
    normal = case.normal.share * case.normal.expected
    found = normalized(case, Savings(normal, 0.0, 0.0, 365, 1.0))
    assert found is not None
    assert (found.error, found.lower, found.upper) == pytest.approx((0, 0, 0), abs=1e-9)
    assert metered(case, HOURS, None) is None


def test_errors_of_one_source_count_once() -> None:
    errors = pd.Series([1.0, 1.0, 1.0, 3.0, 3.0, 3.0])
    apart, together = (standard_error(errors, pd.Series([*sources])) for sources in ("abcdef", "aaabbb"))
    assert apart == pytest.approx(errors.sem())
    assert together == pytest.approx(1.0)
    assert np.isnan(standard_error(errors, pd.Series(["a"] * 6)))


def test_every_model_is_measured() -> None:
    assert set(ASKED) == {*MODELS} - {AUTO}


def outcome(model: str, seed: int, error: float | None) -> Outcome:
    """Of a building with monthly bills."""
    found = None if error is None else Finding(error, 2.5, 2.5)
    return Outcome("typical", GAS, MONTHS, model, seed, str(seed), seed % 2 == 0, found, found, 0.1)


def test_models_are_compared_on_buildings_that_none_refused() -> None:
    errors = {"billing": [3.0, -5.0, 4.0, None], "caltrack": [1.0, -2.0, 3.0, 90.0]}
    frame = frame_of([outcome(model, seed, error) for model, each in errors.items() for seed, error in enumerate(each)])
    best, other = comparisons(frame)
    assert (best["model"], best["MAE"], best["behind"]) == ("caltrack", "2.00", "")
    assert (other["model"], other["MAE"], other["behind"]) == ("billing", "4.00", "2.00+-0.58")
    line = by_model(frame).set_index("model").loc["billing"]
    assert (line["refused"], line["bias"], line["MAE"], line["cover"]) == (1, "3.50+-0.50", "3.50+-0.50", 0)
    assert line["placebo bias"] == "-5.00+-nan"


def test_every_sample_can_begin_on_any_of_its_days() -> None:
    for fuel, samples in SAMPLES.items():
        for seed in range(0, 40 * len(samples), 2):
            assert of_samples(fuel, seed, treated=False).used.min() >= 0
