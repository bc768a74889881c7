"""The slope of a segment of days from a given balance point and intercept: the library's get_slope for squared
residuals, which is scipy's search by Brent within a bracket that it finds from 0 and 1 (scipy/optimize/_optimize.py:
bracket, Brent, _recover_from_bracket_error; after Brent, Algorithms for Minimization without Derivatives, 1973)."""

import math

import numpy as np

from eeds.meter.arrays import Numbers
from eeds.meter.models.compiled.jit import jit
from eeds.meter.models.compiled.sums import total

# scipy's constants; TOLERANCE and the start are the library's.
GOLD, TINY, MOST_GROWTH, MOST_STEPS = 1.618034, 1e-21, 110.0, 1000
GOLDEN, LEAST_TOLERANCE, MOST_ROUNDS = 0.3819660, 1.0e-11, 500
TOLERANCE = 0.1
# Where the next step of the bracket leads: the vertex of a parabola, if it is near, or as far as steps may go.
INSIDE, BEYOND, FARTHEST, GOLDEN_STEP = range(4)
Triple = tuple[float, float, float]


@jit
def root_of_squares(slope: float, beyond: Numbers, energy: Numbers, intercept: float, work: Numbers) -> float:
    """Of the residuals of days at temperatures so far beyond the balance point."""
    for i in range(len(beyond)):
        residual = energy[i] - (slope * beyond[i] + intercept)
        work[i] = residual * residual
    return math.sqrt(total(work, 0, len(beyond)))


@jit
def best_slope(beyond: Numbers, energy: Numbers, intercept: float, work: Numbers) -> tuple[float, bool]:
    """The slope; false where the library would raise, for there is no bracket within a thousand steps."""
    points, losses, found = bracket(beyond, energy, intercept, work)
    if not found:
        return np.nan, False
    if not is_bracket(points, losses):
        return least_of(points, losses), True
    return brent(points, losses[1], beyond, energy, intercept, work), True


@jit
def bracket(beyond: Numbers, energy: Numbers, intercept: float, work: Numbers) -> tuple[Triple, Triple, bool]:
    """Three slopes and their losses, the one in the middle least; false if downhill steps did not come to an end."""
    a, b = 0.0, 1.0
    fa = root_of_squares(a, beyond, energy, intercept, work)
    fb = root_of_squares(b, beyond, energy, intercept, work)
    if fa < fb:
        a, b, fa, fb = b, a, fb, fa
    c = b + GOLD * (b - a)
    fc = root_of_squares(c, beyond, energy, intercept, work)
    steps = 0
    while fc < fb:
        if steps > MOST_STEPS:
            return (a, b, c), (fa, fb, fc), False
        steps += 1
        w, kind = next_step((a, b, c), (fa, fb, fc))
        fw = root_of_squares(w, beyond, energy, intercept, work)
        if kind == INSIDE and fw < fc:
            return (b, w, c), (fb, fw, fc), True
        if kind == INSIDE and fw > fb:
            return (a, b, w), (fa, fb, fw), True
        farther = kind == INSIDE
        if kind == BEYOND and fw < fc:
            b, c, fb, fc = c, w, fc, fw
            farther = True
        if farther:
            w = c + GOLD * (c - b)
            fw = root_of_squares(w, beyond, energy, intercept, work)
        a, b, c, fa, fb, fc = b, c, w, fb, fc, fw
    return (a, b, c), (fa, fb, fc), True


@jit
def next_step(points: Triple, losses: Triple) -> tuple[float, int]:
    """The slope to try next, downhill, and why."""
    a, b, c = points
    ab = (b - a) * (losses[1] - losses[2])
    cb = (b - c) * (losses[1] - losses[0])
    curvature = cb - ab
    w = b - ((b - c) * cb - (b - a) * ab) / (2.0 * (TINY if abs(curvature) < TINY else curvature))
    farthest = b + MOST_GROWTH * (c - b)
    if (w - c) * (b - w) > 0.0:
        return w, INSIDE
    if (w - farthest) * (farthest - c) >= 0.0:
        return farthest, FARTHEST
    if (w - farthest) * (c - w) > 0.0:
        return w, BEYOND
    return c + GOLD * (c - b), GOLDEN_STEP


@jit
def is_bracket(points: Triple, losses: Triple) -> bool:
    """Whether the middle one lies between the others, and is least."""
    a, b, c = points
    fa, fb, fc = losses
    least = (fb < fc and fb <= fa) or (fb < fa and fb <= fc)
    between = a < b < c or c < b < a
    return least and between and bool(np.isfinite(a)) and bool(np.isfinite(b)) and bool(np.isfinite(c))


@jit
def least_of(points: Triple, losses: Triple) -> float:
    """The one of least loss, the first of equal ones; NaN if anything is."""
    a, b, c = points
    fa, fb, fc = losses
    if np.isnan(fa + fb + fc) or np.isnan(a + b + c):
        return np.nan
    if fa <= fb and fa <= fc:
        return a
    return b if fb <= fc else c


@jit
def brent(points: Triple, least: float, beyond: Numbers, energy: Numbers, intercept: float, work: Numbers) -> float:
    """The slope of least loss within a bracket."""
    low, high = min(points[0], points[2]), max(points[0], points[2])
    best = points[1]
    ranking, losses = (best, best, best), (least, least, least)
    before = step = 0.0
    for _ in range(MOST_ROUNDS):
        best = ranking[0]
        within = TOLERANCE * abs(best) + LEAST_TOLERANCE
        middle = 0.5 * (low + high)
        if abs(best - middle) < 2.0 * within - 0.5 * (high - low):
            break
        before, step = brent_step(ranking, losses, before, step, low, high, within)
        tried = best + (step if abs(step) >= within else within if step >= 0 else -within)
        loss = root_of_squares(tried, beyond, energy, intercept, work)
        if loss > losses[0]:
            low, high = (tried, high) if tried < best else (low, tried)
        else:
            low, high = (best, high) if tried >= best else (low, best)
        ranking, losses = ranked(tried, loss, ranking, losses)
    return ranking[0]


@jit
def brent_step(
    ranking: Triple, losses: Triple, before: float, step: float, low: float, high: float, within: float
) -> tuple[float, float]:
    """What the step before counts as, and the next step from the best slope: to the vertex of a parabola through the
    three best, or a golden section."""
    best, second, third = ranking
    middle = 0.5 * (low + high)
    section = low - best if best >= middle else high - best
    if abs(before) <= within:
        return section, GOLDEN * section
    r = (best - second) * (losses[0] - losses[2])
    q = (best - third) * (losses[0] - losses[1])
    p = (best - third) * q - (best - second) * r
    q = 2.0 * (q - r)
    if q > 0.0:
        p = -p
    q = abs(q)
    if not (p > q * (low - best) and p < q * (high - best) and abs(p) < abs(0.5 * q * before)):
        return section, GOLDEN * section
    found = p * 1.0 / q
    there = best + found
    if there - low < 2.0 * within or high - there < 2.0 * within:
        found = within if middle - best >= 0 else -within
    return step, found


@jit
def ranked(tried: float, loss: float, ranking: Triple, losses: Triple) -> tuple[Triple, Triple]:
    """The three best after one was tried."""
    best, second, third = ranking
    if not loss > losses[0]:
        return (tried, best, second), (loss, losses[0], losses[1])
    if loss <= losses[1] or second == best:
        return (best, tried, second), (losses[0], loss, losses[1])
    if loss <= losses[2] or third in (best, second):
        return (best, second, tried), (losses[0], losses[1], loss)
    return ranking, losses
