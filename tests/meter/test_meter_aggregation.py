"""Sums over the traces of a project."""

from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_buildings import trace

from eeds.meter.aggregation import aggregate, fractional_bias_error
from eeds.meter.types import (
    BASELINE,
    GROSS_PREDICTED,
    REPORTING,
    SUCCESS,
    Aggregation,
    Derivative,
    Trace,
    TraceModelResult,
)

ELECTRICITY, FUELS = "ELECTRICITY_CONSUMPTION_SUPPLIED", "ALL_FUELS_CONSUMPTION_SUPPLIED"
Sides = tuple[float | None, float | None]


def gross(value: float) -> Derivative:
    return Derivative(GROSS_PREDICTED, value, upper=value / 10, lower=value / 20, n=30)


def project(*meters: tuple[str, Sides]) -> tuple[list[Trace], list[TraceModelResult]]:
    """A trace for each interpretation, and its gross_predicted in the baseline and the reporting model."""
    traces, results = [], []
    for id, (code, sides) in zip(count(1), meters, strict=False):
        traces.append(trace([], np.empty(0), id=id, interpretation=code))
        for period, value in zip((BASELINE, REPORTING), sides, strict=True):
            found = () if value is None else (gross(value),)
            results.append(TraceModelResult(id, period, SUCCESS if found else "INSUFFICIENT DATA", derivatives=found))
    return traces, results


def test_distances_add_up_in_quadrature() -> None:
    found, _ = aggregate(*project(("E_C_S", (300.0, 30.0)), ("E_C_S", (400.0, 40.0))))
    assert found == Aggregation(
        ELECTRICITY,
        GROSS_PREDICTED,
        Derivative(GROSS_PREDICTED, 700.0, 50.0, 25.0, 60),
        Derivative(GROSS_PREDICTED, 70.0, 5.0, 2.5, 60),
    )


def test_only_traces_with_both_models_are_added_if_there_are_any() -> None:
    found, _ = aggregate(*project(("E_C_S", (300.0, 30.0)), ("E_C_S", (400.0, None))))
    assert (found.baseline, found.reporting) == (gross(300.0), gross(30.0))


def test_one_side_is_enough_if_no_trace_has_both() -> None:
    found, _ = aggregate(*project(("E_C_S", (400.0, None)), ("E_C_S", (None, None))))
    assert (found.baseline, found.reporting) == (gross(400.0), None)


def test_all_fuels_are_what_is_supplied() -> None:
    found = aggregate(*project(("E_C_S", (100.0, None)), ("NG_C_S", (10.0, None)), ("E_OSG_T", (7.0, None))))
    values = {each.trace_interpretation: each.baseline.value for each in found if each.baseline}
    assert values == {
        ELECTRICITY: 100.0,
        "NATURAL_GAS_CONSUMPTION_SUPPLIED": pytest.approx(293.001),
        "ELECTRICITY_ON_SITE_GENERATION_TOTAL": 7.0,
        FUELS: pytest.approx(393.001),
    }


def test_there_is_no_aggregation_of_nothing() -> None:
    assert aggregate(*project(("E_C_S", (None, None)), ("E_OSG_T", (5.0, None)))) == (
        Aggregation("ELECTRICITY_ON_SITE_GENERATION_TOTAL", GROSS_PREDICTED, gross(5.0), None),
    )


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=8))
def test_a_sum_is_surer_than_its_parts(values: list[float]) -> None:
    found, _ = aggregate(*project(*[("E_C_S", (value, value)) for value in values]))
    assert found.baseline is not None
    assert found.baseline.value == pytest.approx(sum(values))
    assert max(values) / 10 <= found.baseline.upper * (1 + 1e-12)
    assert found.baseline.upper <= sum(values) / 10 * (1 + 1e-12)


def test_the_fractional_bias_error_is_a_fraction_in_any_unit() -> None:
    assert fractional_bias_error([3.0, -4.0], [60.0, 40.0]) == pytest.approx(0.05)
    assert fractional_bias_error([3000.0, -4000.0], [60e3, 40e3]) == pytest.approx(0.05)
    assert fractional_bias_error([3.0], [-60.0]) == pytest.approx(0.05)
    assert fractional_bias_error([3.0], [0.0]) is None
    assert fractional_bias_error([], []) is None
