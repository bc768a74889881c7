"""Savings out of a result, their bounds, and the table of them."""

from typing import Any

import pytest

from eeds.server.demo.building import Truth
from eeds.server.demo.savings import savings_of, savings_table


def aggregation(**changes: Any) -> dict[str, Any]:
    """As a project result has it, 1000 kWh without the retrofit and 800 with it."""
    return {
        "trace_interpretation": "ELECTRICITY_CONSUMPTION_SUPPLIED",
        "interpretation": "gross_predicted",
        "baseline_value": 1000.0,
        "baseline_upper": 30.0,
        "baseline_lower": 3.0,
        "reporting_value": 800.0,
        "reporting_upper": 4.0,
        "reporting_lower": 40.0,
    } | changes


def test_bounds_combine_the_distances_that_make_savings_smallest_and_largest() -> None:
    (saved,) = savings_of({"derivative_aggregations": [aggregation()]})
    assert (saved.value, saved.lower, saved.upper) == (200, 195, 250)


@pytest.mark.parametrize("missing", ["baseline_value", "reporting_value"])
def test_no_savings_without_both_values(missing: str) -> None:
    assert savings_of({"derivative_aggregations": [aggregation(**{missing: None})]}) == []


def test_a_table_with_the_truth_beside() -> None:
    found = savings_of(
        {
            "derivative_aggregations": [
                aggregation(),
                aggregation(interpretation="annualized_weather_normal", baseline_value=12_345.6),
                aggregation(trace_interpretation="ALL_FUELS_CONSUMPTION_SUPPLIED"),
            ]
        }
    )
    truths = {"gross_predicted": Truth(1010.0, 800.0), "annualized_weather_normal": Truth(10_000.0, 9_000.0)}
    lines = list(savings_table(found, truths))
    assert [line.split() for line in lines] == [
        ["baseline", "reporting", "savings", "95", "%", "bounds", "percent", "truth"],
        ["ELECTRICITY_CONSUMPTION_SUPPLIED,", "kWh"],
        ["gross_predicted", "1,000", "800", "200", "195", "to", "250", "20.0%", "210", "(20.8%)"],
        [
            *("annualized_weather_normal", "12,346", "800", "11,546", "11,541", "to", "11,596", "93.5%"),
            *("1,000", "(10.0%)"),
        ],
        ["ALL_FUELS_CONSUMPTION_SUPPLIED,", "kWh"],
        ["gross_predicted", "1,000", "800", "200", "195", "to", "250", "20.0%", "210", "(20.8%)"],
    ]
    numbers = [line for line in lines if not line.endswith("kWh")]
    assert len({len(line) for line in numbers}) == 1, "the columns are aligned"
