"""The compiled engine's data of days against the library's: the same table, the same findings, the same failures."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eeds.meter.models.compiled.day_table import COMPILED_DATA
from eeds.meter.models.library import LIBRARY_FAILURES, frame, quiet

START = np.datetime64("2013-01-01")
FACTS = ("qualified_name", "description", "data")
WAYS = ("all", "some", "workdays", "second", "one", "none")


def days(seed: int, count: int, way: str, *, gap: bool = False) -> pd.DataFrame:
    """So many days, some of which were read, and with a temperature now and then missing; or with days left out."""
    rng = np.random.default_rng(seed)
    dates = START + seed % 365 + np.arange(count)
    there = {
        "all": np.ones(count, dtype=bool),
        "some": rng.random(count) < 0.9,
        "workdays": np.is_busday(dates),
        "second": np.arange(count) % 2 == 0,
        "one": np.arange(count) == count // 2,
        "none": np.zeros(count, dtype=bool),
    }
    energy = np.where(there[way], rng.normal(20, 9, count) * (rng.random(count) < 0.97), np.nan)
    temperature = np.where(rng.random(count) < 0.02, np.nan, rng.normal(60, 20, count))
    rows = frame(dates, temperature=temperature, observed=energy)
    return rows[rng.random(count) < 0.8] if gap else rows


def made_of(kind: type, rows: pd.DataFrame, is_electricity: bool) -> object:
    """The table and the findings, or the failure."""
    try:
        with quiet():
            data = kind(rows.copy(), is_electricity_data=is_electricity)
    except LIBRARY_FAILURES as failure:
        return repr(failure)
    findings = [repr([getattr(each, name) for name in FACTS]) for each in (*data.warnings, *data.disqualification)]
    return data.df, findings, str(data.tz)


def assert_same(rows: pd.DataFrame, is_electricity: bool) -> None:
    for kind, compiled in COMPILED_DATA.items():
        found, expected = made_of(compiled, rows, is_electricity), made_of(kind, rows, is_electricity)
        if isinstance(expected, tuple) and isinstance(found, tuple):
            pd.testing.assert_frame_equal(found[0], expected[0], check_exact=True, check_freq=False)
            assert found[1:] == expected[1:]
        else:
            assert found == expected


@given(seed=st.integers(0, 999), count=st.integers(1, 400), way=st.sampled_from(WAYS), is_electricity=st.booleans())
@example(seed=0, count=365, way="workdays", is_electricity=True)
@example(seed=0, count=365, way="none", is_electricity=False)
@settings(max_examples=60, deadline=None)
def test_the_table_of_consecutive_days(seed: int, count: int, way: str, is_electricity: bool) -> None:
    assert_same(days(seed, count, way), is_electricity)


@pytest.mark.parametrize("seed", range(5))
def test_other_days_are_left_to_the_library(seed: int) -> None:
    assert_same(days(seed, 365, "some", gap=True), True)
    rows = days(seed, 100, "some")
    assert_same(pd.concat([rows, rows[:3]]), True)
    assert_same(rows.tz_convert("America/New_York"), True)
