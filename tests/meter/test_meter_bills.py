"""Bills into days: estimated reads wait for the next one, and what covers too few or too many days says nothing."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_buildings import FIRST, WEATHER, periods, trace, utc

from eeds.meter.bills import Bills, bills_of
from eeds.meter.days import days_of
from eeds.meter.limits import all_limits
from eeds.meter.marks import Mark, marked
from eeds.meter.measured import methods_of, models_of
from eeds.meter.series import Mask
from eeds.meter.settings import MeterSettings
from eeds.meter.sufficiency import sufficiency_report
from eeds.meter.types import BASELINE, REPORTING, Periods, Trace
from eeds.meter.views import View, view_of


def billed(lengths: list[int], values: list[float] | None = None, estimated: set[int] = frozenset()) -> Trace:
    """Bills of so many days from FIRST on; the record behind the last one marks its end."""
    starts = [utc(FIRST + timedelta(days=int(day))) for day in np.concatenate([[0], np.cumsum(lengths)])]
    given = np.arange(1.0, len(lengths) + 1) if values is None else np.array(values)
    made = trace(starts, np.append(given, np.nan))
    made.estimated[sorted(estimated)] = True
    return made


# Everything is baseline, or reporting period.
BEFORE, AFTER = periods(utc(date(2030, 1, 1)), utc(date(2030, 1, 1))), periods(utc(FIRST), utc(FIRST))


def bills(made: Trace, zone: str = "UTC", within: Periods = BEFORE) -> Bills:
    return bills_of(made, days_of(made, zone), all_limits().bills, within)


def test_bills_are_as_they_were_sent() -> None:
    found = bills(billed([31, 28, 31, 30]))
    assert found.first_day.tolist() == [0, 31, 59, 90]
    assert found.days.tolist() == [31, 28, 31, 30]
    assert found.energy.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("estimated", "days", "energy"),
    [
        ({1}, [30, 60, 30], [1, 5, 4]),
        ({0, 2}, [60, 60], [3, 7]),
        ({1, 2}, [30, 90], [1, np.nan]),  # more than a bimonthly bill covers
        ({3}, [30, 30, 30], [1, 2, 3]),  # none follows that says what was used
        ({0, 1, 2, 3}, [], []),
    ],
)
def test_estimated_reads_are_combined_with_the_next(estimated: set[int], days: list[int], energy: list[float]) -> None:
    found = bills(billed([30] * 4, estimated=estimated))
    assert found.days.tolist() == days
    assert found.energy.tolist() == pytest.approx(energy, nan_ok=True)


@pytest.mark.parametrize(
    ("lengths", "kept"),
    [
        ([30, 24, 30, 31], [True, False, True, True]),
        ([30, 25, 35, 36], [True, True, True, False]),
        ([61, 59, 70, 71], [True, True, True, False]),  # bimonthly
        ([61, 62, 24, 35], [True, True, False, True]),
    ],
)
def test_bills_off_cycle_are_left_out(lengths: list[int], kept: list[bool]) -> None:
    found = bills(billed(lengths))
    assert (~np.isnan(found.energy)).tolist() == kept
    assert marked(found.marks, Mark.OFF_CYCLE).tolist() == [not keep for keep in kept]


def test_a_bill_that_is_missing_leaves_its_neighbours_alone() -> None:
    found = bills(billed([30] * 4, [1, np.nan, 3, 4]))
    assert found.energy.tolist() == pytest.approx([1, np.nan, 3, 4], nan_ok=True)
    assert found.days.tolist() == [30] * 4
    row, energy = found.spread(120)
    assert np.isnan(energy[30:60]).all()
    assert energy[:30].tolist() == pytest.approx([1 / 30] * 30)
    assert row.tolist() == [0] * 30 + [1] * 30 + [2] * 30 + [3] * 30


def test_bills_begin_on_local_days() -> None:
    starts = [utc(date(2014, 3, 1), 8), utc(date(2014, 4, 1), 7), utc(date(2014, 5, 1), 7)]  # midnight in California
    found = bills(trace(starts, np.array([31.0, 30.0, np.nan])), "America/Los_Angeles")
    assert found.days.tolist() == [31, 30]


@given(
    lengths=st.lists(st.integers(1, 90), min_size=1, max_size=40),
    estimated=st.sets(st.integers(0, 39)),
)
def test_energy_is_neither_made_nor_moved(lengths: list[int], estimated: set[int]) -> None:
    made = billed(lengths, estimated={number for number in estimated if number < len(lengths)})
    found = bills(made)
    total = sum(lengths)
    row, energy = found.spread(total)
    for number in range(len(found.days)):
        share = energy[row == number]
        assert share.size == found.days[number]
        assert share.sum() == pytest.approx(found.energy[number], nan_ok=True)
    assert np.nansum(found.energy) <= np.nansum(made.value)


# Views ---------------------------------------------------------------------------------------------------------------


def view(made: Trace, **settings: int | None) -> View:
    return view_of(made, WEATHER, periods(), MeterSettings(**settings))


def covered(seen: View, mask: Mask) -> list[int]:
    """How many days of each bill are in a mask."""
    return [int(np.count_nonzero(mask & (seen.row == bill))) for bill in np.unique(seen.row[mask])]


@pytest.mark.parametrize(("hours", "model"), [(1, "daily"), (24, "daily"), (25, "daily"), (48, "billing")])
def test_the_model_is_chosen_by_the_spacing(hours: int, model: str) -> None:
    starts = [utc(FIRST) + timedelta(hours=hours * number) for number in range(10)]
    made = trace(starts, np.ones(10))
    assert models_of(made, periods(), MeterSettings()) == (model, model)
    assert models_of(made, periods(), MeterSettings(model="hourly")) == ("hourly", "hourly")


@pytest.mark.parametrize(
    ("days", "method"), [(1, "eemeter"), (2, "caltrack"), (31, "caltrack"), (35, "caltrack"), (61, "eemeter")]
)
def test_monthly_bills_are_modelled_by_caltrack_unless_another_is_asked_for(days: int, method: str) -> None:
    made = trace([utc(FIRST) + timedelta(days=days * number) for number in range(10)], np.ones(10))
    assert methods_of(made, periods(), MeterSettings()) == (method, method)
    assert methods_of(made, periods(), MeterSettings(models={"electricity": "billing"})) == ("eemeter", "eemeter")
    assert methods_of(made, periods(), MeterSettings(models={"electricity": "caltrack"})) == ("caltrack", "caltrack")
    assert methods_of(made, periods(), MeterSettings(models={"gas": "billing"})) == (method, method)


def test_a_new_meter_may_change_the_model_between_the_periods() -> None:
    starts = [utc(date(2013, month, 1)) for month in range(1, 13)]
    starts += [utc(date(2014, 1, 1) + timedelta(days=day)) for day in range(300)]
    made = trace(starts, np.arange(312.0))
    assert models_of(made, periods(), MeterSettings()) == ("billing", "daily")
    seen = view_of(made, WEATHER, periods(), MeterSettings())
    assert [target.name for target in seen.targets.values()] == ["caltrack billing", "daily"]
    assert covered(seen, seen.targets[BASELINE].mask) == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert np.count_nonzero(seen.targets[REPORTING].mask) == 299


def test_only_whole_bills_belong_to_a_period() -> None:
    seen = view(billed([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 35, 27, 30, 31]))  # the twelfth goes over New Year
    assert covered(seen, seen.targets[BASELINE].mask) == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30]
    assert covered(seen, seen.targets[REPORTING].mask) == [27, 30, 31]
    assert np.count_nonzero(seen.reporting) == 4 + 27 + 30 + 31  # the days of the twelfth bill after New Year


def test_twelve_bills_of_a_leap_year_are_a_baseline() -> None:
    starts = [date(2015, 12, 1)] + [date(2016, month, 1) for month in range(1, 13)] + [date(2017, 1, 1)]
    made = trace([utc(day) for day in starts], np.append(np.arange(13.0), np.nan))
    seen = view_of(made, WEATHER, periods(utc(date(2017, 1, 1)), utc(date(2017, 1, 1))), MeterSettings())
    assert covered(seen, seen.targets[BASELINE].mask) == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


@pytest.mark.parametrize(("days", "count"), [(None, 24), (365, 12), (90, 3), (74, 2), (75, 3)])
def test_a_bill_counts_if_half_of_it_does(days: int | None, count: int) -> None:
    made = billed([30] * 24)
    end = utc(FIRST + timedelta(days=720))
    seen = view_of(made, WEATHER, periods(end, end), MeterSettings(baseline_days=days))
    assert len(covered(seen, seen.targets[BASELINE].mask)) == count


def test_bills_off_cycle_are_told_of_and_do_not_disqualify() -> None:
    found = sufficiency_report(
        billed([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 10, 20, 31]), WEATHER, periods(), MeterSettings()
    )
    assert found.model == "caltrack billing"
    (told,) = [criterion for criterion in found.periods[BASELINE] if "cover too few" in criterion.name]
    assert (told.measured, told.passed, told.disqualifies, told.clause) == (
        "2 (2013-11-01, 10 days; 2013-11-11, 20 days)",
        False,
        False,
        "CalTRACK 2.2.3.4, 2.2.3.5",
    )
    assert all(each.passed for each in found.periods[BASELINE] if each.disqualifies)
