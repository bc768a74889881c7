"""The objective of a first guess of both balance points: bp_obj_fcn in the library's hdd_tidd_cdd.py, for squared
residuals."""

import math
from typing import Any

import numpy as np
from opendsm.eemeter.models.daily.base_models.full_model import full_model  # type: ignore[import-untyped]

from eeds.meter.arrays import Numbers
from eeds.meter.models.compiled.component import Facts
from eeds.meter.models.compiled.jit import jit
from eeds.meter.models.compiled.penalty import penalized_points
from eeds.meter.models.compiled.slopes import best_slope
from eeds.meter.models.compiled.sums import total

# What the objective reads besides days: a record, as FACTS of eeds.meter.models.compiled.component.
GUESS_FACTS = np.dtype(
    [
        ("extremes", np.float64, 2),  # the lowest and the highest temperature
        ("lasso", np.float64),  # weight of the penalty
        ("segment_minimum_count", np.int64),
        ("low_use", np.float64),  # the intercept if no other is known
        ("failed", np.bool_),  # set where the library would raise
    ],
    align=True,
)
# The rows of a table of days in order of temperature.
TEMPERATURE, OBSERVED, WORK = range(3)


def guess_facts(temperature: Numbers, observed: Numbers, lasso: float, least: int) -> Facts:
    """Of days in order of temperature."""
    record = np.zeros(1, GUESS_FACTS)
    record["extremes"] = temperature[0], temperature[-1]
    record["lasso"], record["segment_minimum_count"] = lasso, least
    record["low_use"] = np.quantile(observed, 0.20)
    return record


@jit
def guess_loss(points: Numbers, facts: Facts, days: Numbers) -> float:
    """The sum of squared residuals, penalized, of the model that is estimated from two balance points."""
    fact = facts[0]
    temperature, observed, work = days[TEMPERATURE], days[OBSERVED], days[WORK]
    count = len(temperature)
    cold, warm = (points[0], points[1]) if points[0] < points[1] else (points[1], points[0])
    heating, cooling, intercept = estimate(cold, warm, fact, days)
    modelled = full_model(cold, heating, 0.0, warm, cooling, 0.0, intercept, fact.extremes, temperature)
    residuals = modelled - observed
    mean = total(residuals, 0, count) / count
    for i in range(count):
        residual = residuals[i] - mean
        work[i] = residual * residual
    loss = total(work, 0, count)
    first, second = penalized_points(points[0], points[1], math.sqrt(loss / count), fact.extremes)
    return loss + fact.lasso * (abs(first) + abs(second))


@jit
def estimate(cold: float, warm: float, fact: Any, days: Numbers) -> tuple[float, float, float]:
    """Slopes of heating and cooling, and the intercept (estimate_betas_and_intercept)."""
    temperature, observed, work = days[TEMPERATURE], days[OBSERVED], days[WORK]
    colder = int(np.searchsorted(temperature, cold))
    up_to_warm = int(np.searchsorted(temperature, warm, side="right"))
    warmer, least = len(temperature) - up_to_warm, fact.segment_minimum_count
    first, end = colder, up_to_warm
    if end <= first and colder >= least and warmer >= least:
        first, end = colder - least, up_to_warm + least - 1
    intercept = total(observed, first, end - first) / (end - first) if end > first else fact.low_use
    heating, heating_found = best_slope(temperature[:colder] - cold, observed[:colder], intercept, work)
    cooling, cooling_found = best_slope(temperature[up_to_warm:] - warm, observed[up_to_warm:], intercept, work)
    if not (heating_found and cooling_found):
        fact.failed = True
    heating = 0.0 if heating > 0 else heating * -1
    cooling = 0.0 if cooling < 0 else cooling
    return heating, cooling, intercept
