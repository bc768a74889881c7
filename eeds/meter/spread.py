"""Errors of values, and of their sums over meters and buildings.

What is off in a sum of predictions is in part a building's own and in part that of all buildings which one model sees
through the weather of one station: there it errs in the same way. So errors do not simply add up in quadrature. A
Spread keeps apart what adds up differently:

- offsets, the errors that are expected, with their sign;
- variances of what is independent from building to building;
- standard deviations of what buildings of one station and model share: within these linearly, beyond in quadrature;
- cosines of the noise, each with its sign. Shocks that many buildings have in common, as a shutdown or a change in
  prices, swing in all of them the same way, and so do not cancel in the sums of the cosines. The sum of the squares of
  these is the variance of the sum, whatever the buildings have in common (the estimator of Lazarus, Lewis, Stock and
  Watson 2018 is quadratic in what is linear in the noise). It counts where it is more than the sum of the variances.

All of them are sums of columns, so that a database can add up a portfolio.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import hypot, inf, sqrt

COSINES = 12  # of the noise of a fit; those of two fits stand behind one another
# Sums of squares that differ by no more than rounding are the same.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Spread:
    """The distribution of the error of a value, which is the value minus the truth: Student's t around `offset`, its
    scale the root of `total`."""

    offset: float
    variance: float  # of what other buildings do not share
    shared: float  # standard deviation of what all share that have the same station and model
    freedom: float  # how well the scale is known, in degrees of freedom
    cosines: tuple[float, ...] = ()  # of the noise; of one fit the sum of their squares is the variance

    @property
    def total(self) -> float:
        """The variance."""
        return self.variance + self.shared**2

    def distances(self, confidence_level: float) -> tuple[float, float]:
        """How far below and above a value the bounds lie between which the truth is with this probability. They lie
        around value - offset, but the value itself is never outside."""
        coherent, freedom, own = sum(cosine**2 for cosine in self.cosines), self.freedom, self.variance
        if coherent > own * (1 + ROUNDING):
            own, freedom = coherent, min(freedom, sum(cosine != 0 for cosine in self.cosines))
        scale = sqrt(own + self.shared**2)
        width = scale * quantile(freedom, (1 + confidence_level) / 2) if scale else 0.0
        return max(width + self.offset, 0.0), max(width - self.offset, 0.0)

    def times(self, factor: float) -> "Spread":
        """In another unit."""
        return Spread(
            self.offset * factor,
            self.variance * factor**2,
            self.shared * abs(factor),
            self.freedom,
            tuple(cosine * factor for cosine in self.cosines),
        )

    def minus(self, other: "Spread") -> "Spread":
        """Of the difference of the values of two fits to independent data."""
        return Spread(
            self.offset - other.offset,
            self.variance + other.variance,
            hypot(self.shared, other.shared),
            freedom_of_sum((self, other)),
            (*padded(self.cosines), *padded(other.cosines)),
        )


def quantile(freedom: float, probability: float) -> float:
    """Of Student's t."""
    # the web process, which imports this for a portfolio's sake, starts without scipy
    from scipy.special import stdtrit  # type: ignore[import-untyped]

    return float(stdtrit(freedom, probability))


def padded(cosines: tuple[float, ...]) -> tuple[float, ...]:
    """As many as there may be."""
    return cosines + (0.0,) * (COSINES - len(cosines))


def freedom_of_sum(parts: Iterable[Spread]) -> float:
    """The degrees of freedom of a sum of independent parts (Welch 1938, Satterthwaite 1946)."""
    parts = tuple(parts)
    fourths = sum(part.total**2 / part.freedom for part in parts)
    return sum(part.total for part in parts) ** 2 / fourths if fourths else inf


def add_spreads(parts: Iterable[tuple[str, Spread]]) -> Spread:
    """Of a sum of values, each with the name of what its `shared` is shared by: its model, and its station if there are
    several."""
    parts = tuple(parts)
    spreads, shared = [spread for _, spread in parts], defaultdict[str, float](float)
    for name, spread in parts:
        shared[name] += spread.shared
    count = max((len(spread.cosines) for spread in spreads), default=0)
    return Spread(
        sum(spread.offset for spread in spreads),
        sum(spread.variance for spread in spreads),
        hypot(*shared.values()),
        freedom_of_sum(spreads),
        tuple(sum(spread.cosines[i] for spread in spreads if i < len(spread.cosines)) for i in range(count)),
    )
