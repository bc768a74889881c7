"""The objective of a component's coefficients: the library's obj_fcn in objective_function.py."""

import math
from typing import Any

import numpy as np

from eeds.meter.arrays import Numbers
from eeds.meter.models.compiled.component import (
    OBSERVED,
    ORDER,
    RESIDUAL,
    SORTED_RESIDUAL,
    SORTED_TEMPERATURE,
    SORTED_WEIGHT,
    TEMPERATURE,
    WORK,
    Facts,
)
from eeds.meter.models.compiled.energy import energy, full_coefficients
from eeds.meter.models.compiled.jit import jit
from eeds.meter.models.compiled.penalty import penalty
from eeds.meter.models.compiled.sums import total
from eeds.meter.models.compiled.weights import adaptive_weights

# Fewer residuals get no adaptive weights (full_model_weight in base_models/full_model.py).
FEW = 3


@jit
def mean_loss(free: Numbers, facts: Facts, days: Numbers) -> float:
    """The mean squared residual, weighted and penalized, of the coefficients that the optimiser chooses. Residuals and
    weights stay in `days`; facts.failed is set, and NaN returned, where the library would raise."""
    fact = facts[0]
    for i in range(len(free)):
        fact.coefficients[fact.free[i]] = free[i]
    given = fact.coefficients[: fact.form]
    full = full_coefficients(given)
    count = days.shape[1] - 1
    modelled = energy(fact.form, full, days[TEMPERATURE, :-1], fact.extremes)
    residual, work = days[RESIDUAL], days[WORK]
    for i in range(count):
        residual[i] = modelled[i] - days[OBSERVED, i]
        work[i] = residual[i] * residual[i]
    if fact.adaptive and not weigh(fact, full, days):
        fact.failed = True
        return np.nan
    loss = total(work, 0, count) / count
    if fact.regularized:
        loss += penalty(given, math.sqrt(loss), fact.lasso, fact.segment_minimum_count, fact.extremes, days)
    return loss


@jit
def weigh(fact: Any, full: Numbers, days: Numbers) -> bool:
    """Weigh the squared residuals in WORK, each segment of temperatures by itself; false where the library would
    raise."""
    count = days.shape[1] - 1
    residuals, weights, work = days[SORTED_RESIDUAL], days[SORTED_WEIGHT], days[WORK]
    for i in range(count):
        residuals[i] = days[RESIDUAL, int(days[ORDER, i])]
    first, second = segment_starts(full, days[SORTED_TEMPERATURE, :-1])
    for begin, end in ((0, first), (first, second), (second, count)):
        if end - begin < FEW:
            weights[begin:end] = 1.0
            continue
        found, _, alpha = adaptive_weights(
            residuals[begin:end].copy(), fact.sigma, fact.quantile, fact.min_weight, "iqr_legacy", np.empty(count)
        )
        if np.isnan(alpha):
            return False
        weights[begin:end] = found
    for i in range(count):
        work[int(days[ORDER, i])] = weights[i] * work[int(days[ORDER, i])]
    return True


@jit
def segment_starts(full: Numbers, temperature: Numbers) -> tuple[int, int]:
    """Where the second and the third segment of sorted days start, at the end if there are fewer
    (full_model_weight)."""
    cold, warm = min(full[0], full[3]), max(full[0], full[3])
    heating, cooling = full[1], full[4]
    end = len(temperature)
    if (heating == 0 and cooling == 0) or warm >= temperature[-1] or cold <= temperature[0]:
        return end, end
    first = int(np.argmin(np.abs(temperature - (warm if heating == 0 else cold))))
    if heating == 0 or cooling == 0 or cold == warm:
        return first, end
    return first, int(np.argmin(np.abs(temperature - warm)))
