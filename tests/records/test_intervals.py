"""Readings that overlap, made into readings that do not: no energy is lost or doubled."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeds.records.finer_readings import Readings
from eeds.records.intervals import READING, Resolved, resolve, without_small_gaps

HOUR, DAY = 3600, 86400
Span = tuple[int, int, float]


def readings(*spans: Span, stored: bool = False, first: int = 0, document: int = 0) -> Readings:
    """Readings of (start, end, value)."""
    made = np.zeros(len(spans), READING)
    for number, (start, end, value) in enumerate(spans):
        made[number] = (first + number, start, end, value, False, stored, document)
    return made


def spans(made: Readings) -> list[Span]:
    return [(int(each["start"]), int(each["end"]), float(each["value"])) for each in made]


def energy(made: Any) -> float:
    return math.fsum(made["value"])


def hours(first: int, last: int, value: float = 1.0) -> list[Span]:
    return [(hour * HOUR, (hour + 1) * HOUR, value) for hour in range(first, last)]


def given_way(resolved: Resolved) -> list[int]:
    return sorted(int(index) for gone in resolved.gone for index in gone["index"])


def test_a_coarse_reading_goes_where_finer_ones_cover_it() -> None:
    resolved = resolve(readings((0, DAY, 25.0), (DAY, 2 * DAY, 30.0), *hours(0, 24)))
    assert spans(resolved.readings) == [*hours(0, 24), (DAY, 2 * DAY, 30.0)]
    assert given_way(resolved) == [0]
    assert resolved.gone_in_part == 0


def test_a_coarse_reading_keeps_the_rest_of_its_time_and_energy() -> None:
    resolved = resolve(readings((0, DAY, 30.0), *hours(0, 10)))
    assert spans(resolved.readings) == [*hours(0, 10), (10 * HOUR, DAY, 20.0)]
    assert (given_way(resolved), resolved.gone_in_part) == ([], 10.0)
    assert not resolved.readings["estimated"].any()
    split = resolve(readings((0, DAY, 30.0), *hours(4, 16)))
    assert spans(split.readings) == [(0, 4 * HOUR, 6.0), *hours(4, 16), (16 * HOUR, DAY, 12.0)]
    assert split.readings["estimated"].sum() == 2


def test_finer_readings_that_have_more_energy_contradict_a_coarse_one() -> None:
    resolved = resolve(readings((0, DAY, 5.0), *hours(0, 10)))
    (conflict,) = resolved.conflicts
    assert (conflict.index, conflict.value, conflict.other, conflict.other_value) == (0, 5.0, None, 10.0)
    assert spans(resolved.readings) == hours(0, 10)
    stored = np.concatenate((readings((0, DAY, 5.0), stored=True), readings(*hours(0, 10))))
    assert resolve(stored).conflicts == []


def test_what_net_metering_gives_back_contradicts_nothing() -> None:
    resolved = resolve(readings((0, DAY, 5.0), *hours(0, 10, 2.0), (10 * HOUR, 11 * HOUR, -3.0)))
    assert resolved.conflicts == []
    assert energy(resolved.readings) == pytest.approx(5.0)


@pytest.mark.parametrize("excess", [1, HOUR])
def test_a_reading_that_runs_into_the_next_one_a_little_ends_there(excess: int) -> None:
    resolved = resolve(readings((0, DAY + excess, 1.0), (DAY, 2 * DAY, 2.0), (2 * DAY, 3 * DAY + excess, 3.0)))
    assert spans(resolved.readings) == [(0, DAY, 1.0), (DAY, 2 * DAY, 2.0), (2 * DAY, 3 * DAY + excess, 3.0)]


def test_a_reading_that_was_given_before_its_time_was_over() -> None:
    early, whole = (0, 10 * HOUR, 8.0), (0, DAY, 24.0)
    for first, second in ((early, whole), (whole, early)):
        both = np.concatenate((readings(first, stored=True, first=-1), readings(second)))
        assert spans(resolve(both).readings) == [whole]
    corrected = np.concatenate((readings((0, 31 * DAY, 8.0), stored=True), readings((0, 30 * DAY, 7.0))))
    assert spans(resolve(corrected).readings) == [(0, 30 * DAY, 7.0)]


def test_new_readings_take_the_place_of_stored_ones_of_other_days() -> None:
    stored = readings((0, 30 * DAY, 1.0), (30 * DAY, 60 * DAY, 2.0), stored=True)
    resolved = resolve(np.concatenate((stored, readings((5 * DAY, 35 * DAY, 3.0)))))
    assert spans(resolved.readings) == [(5 * DAY, 35 * DAY, 3.0), (35 * DAY, 60 * DAY, 1.5)]


def test_a_new_reading_that_is_a_part_of_a_stored_one_leaves_it_the_rest() -> None:
    stored = readings((34 * HOUR, 73 * HOUR, 215.0), stored=True)
    resolved = resolve(np.concatenate((stored, readings((49 * HOUR, 73 * HOUR, 124.0)))))
    assert spans(resolved.readings) == [(34 * HOUR, 49 * HOUR, 91.0), (49 * HOUR, 73 * HOUR, 124.0)]
    nearly = resolve(np.concatenate((stored, readings((35 * HOUR, 73 * HOUR, 124.0)))))
    assert spans(nearly.readings) == [(35 * HOUR, 73 * HOUR, 124.0)]


def test_two_new_readings_that_overlap_contradict_each_other() -> None:
    resolved = resolve(readings((0, 30 * DAY, 1.0), (20 * DAY, 50 * DAY, 2.0), (50 * DAY, 80 * DAY, 3.0)))
    (conflict,) = resolved.conflicts
    assert (conflict.index, conflict.other) == (1, 0)
    assert spans(resolved.readings) == [(0, 30 * DAY, 1.0), (50 * DAY, 80 * DAY, 3.0)]


@pytest.mark.parametrize(
    ("length", "gap", "is_closed"),
    [
        (899, 1, True),
        (870, 30, False),
        (86399, 1, True),
        (DAY, HOUR, True),
        (DAY, 2 * HOUR, False),
        (HOUR, HOUR, False),
    ],
)
def test_gaps_of_seconds_and_of_a_clock_change_are_closed(length: int, gap: int, is_closed: bool) -> None:
    closed = without_small_gaps(readings((0, length, 1.0), (length + gap, 2 * length + gap, 1.0)))
    assert closed["end"][0] == (length + gap if is_closed else length)


def test_a_coarse_reading_keeps_the_energy_of_an_hour_that_finer_ones_miss() -> None:
    resolved = resolve(readings((0, DAY, 48.0), *hours(0, 7), *hours(8, 24)))
    assert spans(resolved.readings) == [*hours(0, 7), (7 * HOUR, 8 * HOUR, 25.0), *hours(8, 24)]
    assert (given_way(resolved), resolved.gone_in_part) == ([], 23.0)


@pytest.mark.parametrize(("day", "is_there"), [(23.0, False), (23.4, False), (22.0, False), (0.0, False), (24.0, True)])
def test_nothing_is_left_of_a_day_of_a_clock_change_whose_energy_is_in_its_hours(day: float, is_there: bool) -> None:
    resolved = resolve(readings((0, DAY, day), *hours(0, 23)))
    assert len(resolved.readings) == 23 + is_there
    assert resolved.conflicts == []


def test_estimated_rests_that_are_stored_do_not_contradict_a_new_reading() -> None:
    rests = readings((0, 6 * HOUR, 21.0), (12 * HOUR, DAY, 42.0), stored=True)
    rests["estimated"] = True
    known = readings(*hours(6, 12, 9.0), stored=True)
    new = readings((0, DAY, 117.0), *hours(0, 5, 9.0))
    resolved = resolve(np.concatenate((rests, known, new)))
    assert resolved.conflicts == []
    assert energy(resolved.readings) == pytest.approx(117.0)
    rests["estimated"] = False
    assert energy(resolve(np.concatenate((rests, known, new))).readings) == pytest.approx(141.0)


def test_a_later_document_corrects_an_earlier_one() -> None:
    first = readings((0, 30 * DAY, 40.0), (100 * DAY, 130 * DAY, 1.0), (200 * DAY, 201 * DAY, 5.0))
    later = [(0, 30 * DAY + HOUR, 41.0), (105 * DAY, 135 * DAY, 2.0)]
    finer = [(200 * DAY + start, 200 * DAY + end, value) for start, end, value in hours(0, 10)]
    resolved = resolve(np.concatenate((first, readings(*later, *finer, first=3, document=1))))
    assert (spans(resolved.readings), resolved.conflicts) == ([*later, *finer], [])
    assert given_way(resolved) == [0, 1, 2]


@st.composite
def nested_feeds(draw: st.DrawFn) -> list[Readings]:
    """Days in several files: whole, by hours, or by both, of which some may be repeated in other files."""
    files: list[list[Span]] = [[] for _ in range(draw(st.integers(1, 3)))]
    for day in range(draw(st.integers(1, 4))):
        by_hour = draw(st.lists(st.integers(0, 50), min_size=24, max_size=24))
        hourly = [((day * 24 + n) * HOUR, (day * 24 + n + 1) * HOUR, float(v)) for n, v in enumerate(by_hour)]
        daily = (day * DAY, (day + 1) * DAY, float(sum(by_hour)))
        for file in files:
            kind = draw(st.sampled_from(("none", "day", "hours", "both")))
            file += [daily] if kind in ("day", "both") else []
            file += hourly if kind in ("hours", "both") else []
    return [readings(*file, first=1000 * number) for number, file in enumerate(files)]


@settings(max_examples=200, deadline=None)
@given(nested_feeds(), st.randoms())
def test_any_order_of_files_ends_as_one_load_of_all(files: list[Readings], order: Any) -> None:
    shuffled = list(files)
    order.shuffle(shuffled)
    stored = np.empty(0, READING)
    for file in shuffled:
        stored = resolve(np.concatenate((stored, resolve(file).readings))).readings
        stored["stored"] = True
    unique = {span[:2]: span for file in files for span in spans(file)}
    assert spans(stored) == spans(resolve(readings(*unique.values())).readings)


@st.composite
def any_readings(draw: st.DrawFn) -> Readings:
    quarters = st.integers(0, 300)
    drawn = draw(st.lists(st.tuples(quarters, st.integers(1, 120), st.integers(0, 9), st.booleans()), max_size=40))
    unique = {(start, length, is_stored): value for start, length, value, is_stored in drawn}
    made = [
        ((start * 900, (start + length) * 900, float(value)), is_stored)
        for (start, length, is_stored), value in unique.items()
    ]
    stored = resolve(readings(*(span for span, is_stored in made if is_stored))).readings
    stored["stored"], stored["index"] = True, -1
    return np.concatenate((stored, readings(*(span for span, is_stored in made if not is_stored))))


@settings(max_examples=300, deadline=None)
@given(any_readings())
def test_readings_in_are_readings_out_or_said(made: Readings) -> None:
    resolved = resolve(made)
    final = resolved.readings
    assert (final["end"][:-1] <= final["start"][1:]).all()
    assert (final["end"] > final["start"]).all()
    new = made[~made["stored"]]
    gone = np.concatenate((np.empty(0, READING), *resolved.gone))
    accounted = (
        energy(final[~final["stored"]])
        + energy(gone)
        + resolved.gone_in_part
        + math.fsum(conflict.value for conflict in resolved.conflicts)
    )
    assert accounted == pytest.approx(energy(new), abs=1e-9)
    known = {*final["index"].tolist(), *gone["index"].tolist(), *(conflict.index for conflict in resolved.conflicts)}
    assert known - {-1} == set(new["index"].tolist())
