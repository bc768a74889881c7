"""How much less days far from the model weigh: alpha, the shape of the library's adaptive loss, is what makes the
penalized loss of normalized residuals least (adaptive_loss_fcn in common/stats/adaptive_loss.py)."""

import math

import numpy as np
from opendsm.common.stats.adaptive_loss import (  # type: ignore[import-untyped]
    LOSS_ALPHA_MIN,
    alpha_scaled,
    generalized_loss_fcn,
)
from opendsm.common.stats.adaptive_loss_Z import TCK, ln_Z_inf  # type: ignore[import-untyped]

from eeds.meter.arrays import Numbers
from eeds.meter.models.compiled.jit import jit
from eeds.meter.models.compiled.sums import total

KNOTS, HEIGHTS, DEGREE = np.array(TCK[0]), np.array(TCK[1]), int(TCK[2])
INTERVALS = len(KNOTS) - DEGREE - 1
LN_Z_INF, ALPHA_MIN = float(ln_Z_inf), float(LOSS_ALPHA_MIN)
# scipy's constants of the bounded search, and the library's bounds and tolerance (scipy/optimize/_optimize.py,
# _minimize_scalar_bounded, after Forsythe, Malcolm and Moler, fmin, 1977)
SQRT_EPSILON, GOLDEN = math.sqrt(2.2e-16), 0.5 * (3.0 - math.sqrt(5.0))
LOW, HIGH, TOLERANCE, MOST_CALLS = -1e-5, 1 + 1e-5, 1e-5, 500
Triple = tuple[float, float, float]


@jit
def ln_z(alpha: float) -> float:
    """The logarithm of the loss's normalizing constant: the library's spline by de Boor's recursion, as scipy has it
    (_deBoor_D in scipy/interpolate/src/__fitpack.cc)."""
    if alpha <= ALPHA_MIN:
        return LN_Z_INF
    interval = int(np.searchsorted(KNOTS, alpha, side="right")) - 1
    interval = min(max(interval, DEGREE), INTERVALS - 1)
    basis, below = np.zeros(DEGREE + 1), np.zeros(DEGREE + 1)
    basis[0] = 1.0
    for degree in range(1, DEGREE + 1):
        below[:degree] = basis[:degree]
        basis[0] = 0.0
        for n in range(1, degree + 1):
            right, left = KNOTS[interval + n], KNOTS[interval + n - degree]
            if right == left:
                basis[n] = 0.0
                continue
            weight = below[n - 1] / (right - left)
            basis[n - 1] += weight * (right - alpha)
            basis[n] = weight * (alpha - left)
    found = 0.0
    for n in range(DEGREE + 1):
        found += HEIGHTS[interval + n - DEGREE] * basis[n]
    return found


@jit
def penalized_loss(scaled: float, residuals: Numbers, work: Numbers) -> float:
    """Of normalized residuals; NaN where the library would raise."""
    alpha = alpha_scaled(scaled)
    loss = generalized_loss_fcn(residuals, alpha)
    constant = ln_z(alpha)
    for i in range(len(residuals)):
        work[i] = loss[i] + constant
        if not np.isfinite(work[i]):
            return np.nan
    return total(work, 0, len(residuals))


@jit
def best_scaled(residuals: Numbers, work: Numbers) -> float:
    """The scaled alpha of the least penalized loss by scipy's bounded search; NaN where the library would raise."""
    low, high = LOW, HIGH
    best = low + GOLDEN * (high - low)
    points = (best, best, best)  # the best, the second and the third
    least = penalized_loss(best, residuals, work)
    losses = (least, least, least)
    step = before = 0.0
    calls = 1
    while not np.isnan(losses[0]):
        middle = 0.5 * (low + high)
        within = SQRT_EPSILON * abs(points[0]) + TOLERANCE / 3.0
        if not abs(points[0] - middle) > 2.0 * within - 0.5 * (high - low) or calls >= MOST_CALLS:
            return points[0]
        parabola = np.nan
        if abs(before) > within:
            parabola = parabolic_step(points, losses, before, low, high, within)
            before = step
        step = parabola
        if np.isnan(parabola):
            before = low - points[0] if points[0] >= middle else high - points[0]
            step = GOLDEN * before
        tried = points[0] + sign(step) * max(abs(step), within)
        loss = penalized_loss(tried, residuals, work)
        calls += 1
        low, high = narrowed(low, high, tried, loss, points[0], losses[0])
        points, losses = ranked(tried, loss, points, losses)
    return np.nan


@jit
def parabolic_step(points: Triple, losses: Triple, before: float, low: float, high: float, within: float) -> float:
    """From the best point to the vertex of the parabola through all three; NaN if a golden section is better."""
    best, second, third = points
    r = (best - second) * (losses[0] - losses[2])
    q = (best - third) * (losses[0] - losses[1])
    p = (best - third) * q - (best - second) * r
    q = 2.0 * (q - r)
    if q > 0.0:
        p = -p
    q = abs(q)
    if not (abs(p) < abs(0.5 * q * before) and p > q * (low - best) and p < q * (high - best)):
        return np.nan
    step = (p + 0.0) / q
    there = best + step
    if there - low < 2.0 * within or high - there < 2.0 * within:
        return within * sign(0.5 * (low + high) - best)
    return step


@jit
def sign(value: float) -> float:
    """1 for zero, too; NaN for NaN."""
    return 1.0 if value >= 0 else (-1.0 if value < 0 else value)


@jit
def narrowed(low: float, high: float, tried: float, loss: float, best: float, least: float) -> tuple[float, float]:
    """The bounds after a point was tried: the better of it and the best so far lies between them."""
    if loss <= least:
        return (best, high) if tried >= best else (low, best)
    return (tried, high) if tried < best else (low, tried)


@jit
def ranked(tried: float, loss: float, points: Triple, losses: Triple) -> tuple[Triple, Triple]:
    """The three best points after one was tried; one whose loss is NaN comes first."""
    best, second, third = points
    if loss <= losses[0] or np.isnan(loss):
        return (tried, best, second), (loss, losses[0], losses[1])
    if loss <= losses[1] or second == best:
        return (best, tried, second), (losses[0], loss, losses[1])
    if loss <= losses[2] or third in (best, second):
        return (best, second, tried), (losses[0], losses[1], loss)
    return points, losses
