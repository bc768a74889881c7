"""A histogram whose bins have ends that people can read."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

BINS = 20  # about so many
# The share of values at either end that may lie beyond: one outlier shall not squeeze all others into a bin.
TAIL = 0.01
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Histogram:
    """How many values lie in each bin, between two of the `edges`, which are `step` apart and one more than there are
    bins. Its lower edge is in a bin, its upper is not."""

    edges: Sequence[float]
    step: float
    counts: Sequence[int]
    below: int
    above: int


def histogram(values: Sequence[float]) -> Histogram:
    """The histogram of some values: all but a few of them in bins, those beyond counted."""
    ordered = sorted(values)
    if not ordered:
        return Histogram([0.0], 1.0, [], 0, 0)
    tail = int(len(ordered) * TAIL)
    low, high = ordered[tail], ordered[-1 - tail]
    step = readable_step((high - low or abs(low)) / BINS, beside=max(abs(low), abs(high)))
    first, last = math.floor(low / step), math.floor(high / step)
    by_bin = Counter(math.floor(value / step) for value in ordered)
    below = sum(count for bin, count in by_bin.items() if bin < first)
    above = sum(count for bin, count in by_bin.items() if bin > last)
    edges = [rounded(bin * step) for bin in range(first, last + 2)]
    return Histogram(edges, step, [by_bin[bin] for bin in range(first, last + 1)], below, above)


def readable_step(wanted: float, beside: float) -> float:
    """The next of 1, 2, 2.5 and 5 times a power of ten; not so small that it vanishes beside another number."""
    wanted = max(wanted, beside * 1e-8, 1e-9)
    power = 10.0 ** math.floor(math.log10(wanted))
    return rounded(next(step * power for step in STEPS if step * power >= wanted * (1 - 1e-9)))


def rounded(value: float) -> float:
    """Without the digits that binary fractions leave."""
    return float(f"{value:.10g}")
