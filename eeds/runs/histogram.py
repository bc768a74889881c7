"""A histogram whose bins have ends that people can read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

BINS = 20  # about so many
# The share of values at either end that may lie beyond: one outlier shall not squeeze all others into a bin.
TAIL = 0.01
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Histogram:
    """How many values lie in each bin, from `first` in steps of `step`. Its lower end is in a bin, its upper is not."""

    first: float
    step: float
    counts: Sequence[int]
    below: int
    above: int

    @property
    def edges(self) -> list[float]:
        """The ends of the bins, one more than there are bins."""
        return [rounded((round(self.first / self.step) + i) * self.step) for i in range(len(self.counts) + 1)]


def histogram(values: Sequence[float]) -> Histogram:
    """The histogram of some values: all but a few of them in bins, those beyond counted."""
    ordered = sorted(values)
    if not ordered:
        return Histogram(0.0, 1.0, [], 0, 0)
    tail = int(len(ordered) * TAIL)
    low, high = ordered[tail], ordered[-1 - tail]
    step = readable_step((high - low or abs(low)) / BINS, beside=max(abs(low), abs(high)))
    first, last = math.floor(low / step), math.floor(high / step)
    counts, below, above = [0] * (last - first + 1), 0, 0
    for value in ordered:
        bin = math.floor(value / step) - first
        if bin < 0:
            below += 1
        elif bin >= len(counts):
            above += 1
        else:
            counts[bin] += 1
    return Histogram(rounded(first * step), step, counts, below, above)


def readable_step(wanted: float, beside: float) -> float:
    """The next of 1, 2, 2.5 and 5 times a power of ten; not so small that it vanishes beside another number."""
    wanted = max(wanted, beside * 1e-8, 1e-9)
    power = 10.0 ** math.floor(math.log10(wanted))
    return rounded(next(step * power for step in STEPS if step * power >= wanted * (1 - 1e-9)))


def rounded(value: float) -> float:
    """Without the digits that binary fractions leave."""
    return float(f"{value:.10g}")
