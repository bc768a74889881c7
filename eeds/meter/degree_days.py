"""A second opinion on a model: energy in proportion to degree days (Fels 1986, An introduction to PRISM).

The models of the library respond to weather less than buildings do where they see it through bills or through shrunken
coefficients, and a year's own residuals do not show it: in the year of the fit, what is missed in hot weeks is made up
for in mild ones. A regression of sums over weeks or billing periods on their degree days misses less. How far the two
disagree on other weather is how far the model may be wrong about it.

One regression would hang on its balance points, which are hardly known. So all are averaged, each with its Akaike
weight (Burnham and Anderson 2002, sections 2.9 and 4.3): exp(-AICc / 2). Six bimonthly bills are too few to pay for
balance points: a regression on both seasons would be out of the question, and weather would be taken for noise. There
balance points are not counted, for the average over them has what is not known of them, and the weight is that of
Schwarz (1978): exp(-BIC / 2), for AICc is not defined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from eeds.meter.arrays import Indexes, Numbers, totals

# Balance points to try, degrees Fahrenheit.
HEAT_BELOW = np.arange(40.0, 71.0, 3.0)
COOL_ABOVE = np.arange(55.0, 83.0, 3.0)
# Degree days that show how a building responds: on at least so many days, and so many in all, as for CalTRACK's
# candidate models.
LEAST_DAYS = 10
LEAST_DEGREE_DAYS = 20.0
# Groups beyond the parameters, for AICc to be defined; the simplest regression has one, that on both seasons five.
LEAST_FREEDOM = 3
LEAST_GROUPS = 1 + LEAST_FREEDOM
FEW_GROUPS = 5 + LEAST_FREEDOM
LEAST_FREEDOM_OF_FEW = 2
# Candidates that weigh less than this, of 1, change nothing.
LEAST_WEIGHT = 1e-4
BASE, HEATING, COOLING = 0, 1, 2
NEVER_HEATED, NEVER_COOLED = -np.inf, np.inf


Balance = tuple[float, float]  # heat below, cool above


@dataclass(frozen=True)
class Line:
    """One regression: what a day, a heating and a cooling degree day take."""

    balance: Balance
    coefficients: Numbers  # (3,)
    covariance: Numbers  # (3, 3), in units of the variance of a day
    variance: float  # of a day's noise
    parameters: int
    criterion: float  # AICc, of few groups BIC

    def of_days(self, temperature: Numbers) -> Numbers:
        """Energy of each day."""
        heating, cooling = degree_days(temperature, self.balance)
        base, per_heating, per_cooling = self.coefficients
        return np.asarray(base + per_heating * heating + per_cooling * cooling)


@dataclass(frozen=True, eq=False)
class DegreeDays:
    """The average of regressions; their weights add up to 1."""

    lines: tuple[Line, ...]
    weights: Numbers

    @property
    def variance(self) -> float:
        """Of the noise of a day, in a sum of many."""
        return float(self.weights @ [line.variance for line in self.lines])

    @property
    def parameters(self) -> float:
        """How many numbers were fitted, balance points among them."""
        return float(self.weights @ [line.parameters for line in self.lines])

    def of_days(self, temperature: Numbers) -> Numbers:
        """Energy of each day."""
        return np.asarray(sum(w * line.of_days(temperature) for w, line in zip(self.weights, self.lines, strict=True)))

    def sum(self, temperature: Numbers, weight: Numbers) -> tuple[float, float]:
        """Energy of a weighted sum of days, and the variance of that: of each regression, and between them."""
        features = degree_day_sums(temperature, weight, [line.balance for line in self.lines])
        coefficients = np.array([line.coefficients for line in self.lines])
        covariances = np.array([line.variance * line.covariance for line in self.lines])
        sums = np.einsum("li,li->l", features, coefficients)
        inner = np.einsum("li,lij,lj->l", features, covariances, features)
        mean = float(self.weights @ sums)
        return mean, float(self.weights @ inner + self.weights @ (sums - mean) ** 2)


def degree_day_sums(temperature: Numbers, weight: Numbers, balances: Sequence[Balance]) -> Numbers:
    """Days, heating and cooling degree days of a weighted sum of days, a row for each pair of balance points; those of
    a point are summed once, however many pairs have it."""
    (heats, of_heat), (cools, of_cool) = (
        np.unique(points, return_inverse=True) for points in zip(*balances, strict=True)
    )
    heating = excess(heats[:, None], temperature) @ weight
    cooling = excess(temperature, cools[:, None]) @ weight
    return np.column_stack([np.full(len(balances), weight.sum()), heating[of_heat], cooling[of_cool]])


def degree_days(temperature: Numbers, balance: Balance) -> tuple[Numbers, Numbers]:
    """Heating and cooling degree days of each day."""
    heat_below, cool_above = balance
    return excess(heat_below, temperature), excess(temperature, cool_above)


def excess(high: Numbers | float, low: Numbers | float) -> Numbers:
    """By how much the one is above the other, where it is."""
    return np.maximum(np.subtract(high, low), 0.0)


def fit_degree_days(energy: Numbers, temperature: Numbers, group: Indexes) -> DegreeDays:
    """Fit to the energies of LEAST_GROUPS or more groups of days, given each day's mean temperature and its group."""
    fitted, features = [], DegreeDaysOfGroups(temperature, group)
    for family in families(temperature):
        fits = [fit_line(energy, features.of(balance), balance) for balance in family]
        fitted.append([line for line in fits if line is not None])
    return average(fitted)


def families(temperature: Numbers) -> list[list[Balance]]:
    """Pairs of balance points to try: neither heating nor cooling, heating, cooling, both."""
    heats = [point for point in HEAT_BELOW if are_enough(excess(point, temperature))]
    cools = [point for point in COOL_ABOVE if are_enough(excess(temperature, point))]
    return [
        [(NEVER_HEATED, NEVER_COOLED)],
        [(heat, NEVER_COOLED) for heat in heats],
        [(NEVER_HEATED, cool) for cool in cools],
        [(heat, cool) for heat in heats for cool in cools if heat <= cool],
    ]


def are_enough(degrees: Numbers) -> bool:
    """Whether there are enough degree days to fit a response to."""
    return bool(np.count_nonzero(degrees) >= LEAST_DAYS and degrees.sum() >= LEAST_DEGREE_DAYS)


class DegreeDaysOfGroups:
    """Days, heating and cooling degree days of each group, summed once for each balance point."""

    def __init__(self, temperature: Numbers, group: Indexes) -> None:
        self.days = totals(group)
        self.heating = cache(lambda point: totals(group, excess(point, temperature)))
        self.cooling = cache(lambda point: totals(group, excess(temperature, point)))

    def of(self, balance: Balance) -> Numbers:
        """A column each."""
        heat_below, cool_above = balance
        return np.column_stack([self.days, self.heating(heat_below), self.cooling(cool_above)])


def fit_line(energy: Numbers, features: Numbers, balance: Balance) -> Line | None:
    """Least squares, the variance of a group's noise in proportion to its days; None if there are too few groups, or if
    use falls with degree days."""
    used = [BASE, *(kind for kind, point in zip((HEATING, COOLING), balance, strict=True) if np.isfinite(point))]
    n, is_few = len(energy), len(energy) < FEW_GROUPS
    parameters = len(used) if is_few else 2 * len(used) - 1
    if n < parameters + (LEAST_FREEDOM_OF_FEW if is_few else LEAST_FREEDOM):
        return None
    scale = 1 / np.sqrt(features[:, BASE])
    x, y = features[:, used] * scale[:, None], energy * scale
    fitted, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    if rank < len(used) or np.any(fitted[1:] < 0):
        return None
    squares = float(np.sum((y - x @ fitted) ** 2))
    coefficients, covariance = np.zeros(3), np.zeros((3, 3))
    coefficients[used], covariance[np.ix_(used, used)] = fitted, np.linalg.inv(x.T @ x)
    criterion = (bic if is_few else aicc)(squares, n, parameters + 1)
    return Line(balance, coefficients, covariance, squares / (n - parameters), parameters, criterion)


def aicc(squares: float, n: int, parameters: int) -> float:
    """Akaike's criterion for small samples; the variance is one of the parameters."""
    return deviance(squares, n) + 2 * parameters + 2 * parameters * (parameters + 1) / (n - parameters - 1)


def bic(squares: float, n: int, parameters: int) -> float:
    """Schwarz's criterion; the variance is one of the parameters."""
    return deviance(squares, n) + parameters * float(np.log(n))


def deviance(squares: float, n: int) -> float:
    """Twice the negative logarithm of the likelihood of normal errors, but for a constant."""
    return n * float(np.log(max(squares / n, np.finfo(float).tiny)))


def average(fitted: Sequence[Sequence[Line]]) -> DegreeDays:
    """The regressions that count; each family as one model, however many balance points it has to try."""
    lines = [(line, 1 / len(family)) for family in fitted for line in family]
    best = min(line.criterion for line, _ in lines)
    weights = np.array([share * np.exp((best - line.criterion) / 2) for line, share in lines])
    kept = weights > LEAST_WEIGHT * weights.sum()
    return DegreeDays(
        tuple(line for (line, _), keep in zip(lines, kept, strict=True) if keep), weights[kept] / weights[kept].sum()
    )
