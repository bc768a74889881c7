"""What moved savings adds up to by how much they moved, whatever is computed and missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.runs.restatements.steps import (
    LIBRARY,
    MEMBERSHIP,
    PERIODS,
    READINGS,
    SETTINGS,
    STEPS,
    UNEXPLAINED,
    WEATHER,
    Stage,
    accepted,
    movements,
    not_computed,
    stages,
)

KEY, OTHER = ("ELECTRICITY_CONSUMPTION_SUPPLIED", "metered"), ("NATURAL_GAS_CONSUMPTION_SUPPLIED", "normalized")
RESTS = st.sampled_from([LIBRARY, UNEXPLAINED])
savings = st.dictionaries(st.sampled_from([KEY, OTHER]), st.floats(-1e6, 1e6))


def test_a_stage_takes_one_step_more() -> None:
    assert list(stages()) == [[step < taken for step in range(4)] for taken in range(5)]


def test_each_step_has_its_part() -> None:
    computed = [Stage({KEY: value}) for value in (100.0, 90.0, 95.0, 95.0, 115.0)]
    moved = movements({KEY: 100.0}, {KEY: 115.0}, computed, rests=(UNEXPLAINED, UNEXPLAINED))[KEY]
    assert moved.causes == {READINGS: -10, WEATHER: 5, PERIODS: 0, SETTINGS: 20, UNEXPLAINED: 0}
    assert moved.moved == 15


def test_what_another_library_gives_of_the_same_input_is_its_own() -> None:
    computed = [Stage({KEY: 103.0})] * 5
    moved = movements({KEY: 100.0}, {KEY: 103.0}, computed, rests=(LIBRARY, UNEXPLAINED))[KEY]
    assert (moved.of(LIBRARY), moved.of(UNEXPLAINED), moved.of(READINGS)) == (3, 0, 0)


def test_savings_that_a_step_takes_away_are_moved_by_it() -> None:
    computed = [Stage({KEY: 50.0}), Stage({}, "No trace could be modelled."), *[Stage({KEY: 60.0})] * 3]
    moved = movements({KEY: 50.0}, {KEY: 60.0}, computed, rests=(UNEXPLAINED, UNEXPLAINED))[KEY]
    assert (moved.of(READINGS), moved.of(WEATHER)) == (-50, 60)


@given(savings, savings, st.lists(savings, min_size=5, max_size=5), st.tuples(RESTS, RESTS))
def test_the_causes_add_up(
    before: dict[tuple[str, str], float],
    after: dict[tuple[str, str], float],
    computed: list[dict[tuple[str, str], float]],
    rests: tuple[str, str],
) -> None:
    found = movements(before, after, [Stage(each) for each in computed], rests=rests)
    assert {*before, *after} <= set(found)
    for key, moved in found.items():
        assert (moved.before, moved.after) == (before.get(key), after.get(key))
        assert sum(moved.causes.values()) == pytest.approx(moved.moved, abs=1e-6)
        assert set(STEPS) <= set(moved.causes)
    fuels = {KEY[0]}
    for key, moved in accepted(found, before, after, fuels).items():
        assert sum(moved.causes.values()) == pytest.approx(moved.moved, abs=1e-6)
        assert moved == found[key] if key[0] in fuels else set(moved.causes) == {MEMBERSHIP}


def test_a_project_of_one_aggregation_alone_is_moved_by_its_membership() -> None:
    assert not_computed(None, {KEY: 5.0})[KEY].causes == {MEMBERSHIP: 5}
    assert not_computed({KEY: 5.0}, None)[KEY].causes == {MEMBERSHIP: -5}
    assert not_computed({KEY: 5.0}, {KEY: 7.0})[KEY].causes == {UNEXPLAINED: 2}
    assert not_computed({KEY: 5.0}, {KEY: 5.0})[KEY].moved == 0
