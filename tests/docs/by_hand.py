"""The figures of a result as an analyst computes them from its time series: by the formulas of docs/results.md, with
nothing of eeds."""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from scipy import stats  # type: ignore[import-untyped]

FITTED_DAYS = 365


@dataclass(frozen=True)
class Day:
    """A row of the series; None = missing."""

    date: str
    observed: float | None
    baseline: float | None
    lower: float | None
    upper: float | None
    reporting: float | None


def days(text: str) -> list[Day]:
    """The rows of a CSV of one trace."""
    return [
        Day(row["date"], *(float(row[name]) if row[name] else None for name in list(row)[2:] if name != "temperature"))
        for row in csv.DictReader(text.splitlines())
    ]


def fitted(series: Sequence[Day], result: Mapping[str, Any]) -> dict[str, Sequence[Day]]:
    """The days that each of the models was fitted to, by modeling period."""
    baseline, reporting = result["modeling_periods"]
    before = [day for day in series if day.date < baseline["end_date"][:10]]
    after = [day for day in series if day.date >= reporting["start_date"][:10]]
    return {"BASELINE": before[-FITTED_DAYS:], "REPORTING": after[:FITTED_DAYS]}


def quality(measured: Sequence[float], predicted: Sequence[float], explanatory: int) -> dict[str, float]:
    """How well a model fits its days."""
    mean = sum(measured) / len(measured)
    squares = sum((m - p) ** 2 for m, p in zip(measured, predicted, strict=True))
    rmse = math.sqrt(squares / (len(measured) - explanatory))
    bias = sum(m - p for m, p in zip(measured, predicted, strict=True))
    return {
        "n": len(measured),
        "r2": 1 - squares / sum((m - mean) ** 2 for m in measured),
        "rmse": rmse,
        "cvrmse": rmse / abs(mean),
        "nmbe": bias / (len(measured) - explanatory) / mean,
        "mean_bias": bias / len(measured),
    }


def distances(residuals: Sequence[float], parameters: int, summed: int, confidence_level: float) -> tuple[float, float]:
    """How far one measured day may be from its prediction, and the sum of so many days that were not fitted, as far as
    AR(1) noise and the fit go; of days that are all there."""
    n, squares = len(residuals), sum(each**2 for each in residuals)
    pairs = n - 1
    found = sum(a * b for a, b in pairwise(residuals)) / pairs / (squares / n)
    correlation = max(found + (1 + 4 * found) / pairs, 0.0)
    independent = n * (1 - correlation) / (1 + correlation)
    variance = squares / (n - parameters)
    student = float(stats.t.ppf((1 + confidence_level) / 2, n / (1 + 2 * n / independent)))
    of_noise = variance * n / independent * (1 + 2 / independent)
    return (
        student * math.sqrt(squares / (n - parameters + 1) * (1 + 1 / independent)),  # the intercept is not counted
        student * math.sqrt(of_noise * (summed + summed**2 / n)),
    )


def parameters(model: str) -> int:
    """How many numbers were fitted: the coefficients in the JSON of a model."""
    submodels = json.loads(model)["submodels"].values()
    return sum(isinstance(value, float) for each in submodels for value in each["coefficients"].values())


def metered_savings(reporting: Sequence[Day]) -> dict[str, float]:
    """Without their bounds."""
    pairs = [(day.baseline, day.observed) for day in reporting if day.baseline is not None and day.observed is not None]
    baseline = sum(predicted for predicted, _ in pairs)
    saved = sum(predicted - observed for predicted, observed in pairs)
    return {"n": len(pairs), "baseline": baseline, "value": saved, "fraction": saved / baseline}
