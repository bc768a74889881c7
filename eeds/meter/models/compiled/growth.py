"""The sums behind a rate of exponential growth: _fit_exp_growth_decay of the library's hourly model, after Jacquelin,
Régressions et équations intégrales, 2009."""

import numpy as np

from eeds.meter.arrays import Numbers
from eeds.meter.models.compiled.jit import jit
from eeds.meter.models.compiled.sums import total


@jit
def growth(x: Numbers, y: Numbers) -> tuple[float, float, float, float, float]:
    """The sums of x x, x s, s s, x y and s y for sorted x, where x and y count from their first, and s is the integral
    of y by the trapezoidal rule."""
    count = len(x)
    integral = np.empty(count)
    integral[0] = 0.0
    for i in range(1, count):
        integral[i] = integral[i - 1] + 0.5 * (y[i] + y[i - 1]) * (x[i] - x[i - 1])
    along, up = x - x[0], y - y[0]
    return (
        total(along * along, 0, count),
        total(integral * along, 0, count),
        total(integral * integral, 0, count),
        total(along * up, 0, count),
        total(integral * up, 0, count),
    )
