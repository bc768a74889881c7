"""A component of the library's model, such as the working days of winter, as its compiled objective sees it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeds.meter.arrays import Numbers

Facts = NDArray[np.void]

# What the objective reads besides days: a record, for the time that a call of compiled code takes is that of its
# arguments.
FACTS = np.dtype(
    [
        ("coefficients", np.float64, 7),
        ("form", np.int64),  # how many coefficients there are
        ("free", np.int64, 7),  # which of them the optimiser chooses, in its order
        ("extremes", np.float64, 2),  # the lowest and the highest temperature
        ("regularized", np.bool_),
        ("lasso", np.float64),  # weight of the penalty
        ("segment_minimum_count", np.int64),
        ("adaptive", np.bool_),  # whether days far from the model weigh less
        ("sigma", np.float64),
        ("quantile", np.float64),
        ("min_weight", np.float64),
        ("failed", np.bool_),  # set where the library would raise
    ],
    align=True,
)
# The rows of a table of days. Those of spreads have at column n the standard deviation of the n coldest or warmest
# days, NaN until it is needed: few different n are asked for, many times.
(
    TEMPERATURE,
    OBSERVED,
    SORTED_TEMPERATURE,
    SORTED_OBSERVED,
    ORDER,  # which day stands where among the sorted
    RESIDUAL,
    SORTED_RESIDUAL,
    SORTED_WEIGHT,
    WORK,
    COLD_TEMPERATURE_SPREAD,
    COLD_OBSERVED_SPREAD,
    WARM_TEMPERATURE_SPREAD,
    WARM_OBSERVED_SPREAD,
) = ROWS = range(13)


@dataclass(frozen=True, eq=False)
class Component:
    """Its facts, (1,) of FACTS, and days, (13, days + 1)."""

    facts: Facts
    days: Numbers

    def row(self, row: int) -> Numbers:
        """A copy of a row of days."""
        return self.days[row, :-1].copy()


def component_of(temperature: Numbers, observed: Numbers, **facts: Any) -> Component:
    """Made for the objective of these days."""
    record = np.zeros(1, FACTS)
    for name, value in facts.items():
        record[name] = value
    record["extremes"] = np.min(temperature), np.max(temperature)
    count = len(temperature)
    days = np.full((len(ROWS), count + 1), np.nan)
    order = np.argsort(temperature)
    days[TEMPERATURE, :count], days[OBSERVED, :count] = temperature, observed
    days[SORTED_TEMPERATURE, :count], days[SORTED_OBSERVED, :count] = temperature[order], observed[order]
    days[ORDER, :count] = order
    return Component(record, days)
