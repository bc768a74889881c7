"""Sums in numpy's order. The last bits of a sum depend on the order of its additions, and the optimiser's path on the
last bits.

numpy adds pairwise: up to 128 numbers in eight running sums, more in two halves of which the first is a multiple of
eight (pairwise_sum in numpy/_core/src/umath/loops_utils.h.src).
"""

import math
from collections.abc import Callable

import numpy as np

from eeds.meter.arrays import Numbers
from eeds.meter.models.compiled.jit import jit

BLOCK = 128
# What `pairwise` can add: BLOCK doubled six times, less what the halves lose to being multiples of eight.
MOST = 4000
Sum = Callable[[Numbers, int, int], float]


@jit
def block(values: Numbers, first: int, count: int) -> float:
    """The sum of up to BLOCK numbers from `first` on."""
    if count < 8:
        few = -0.0
        for i in range(first, first + count):
            few += values[i]
        return few
    r0, r1, r2, r3 = values[first], values[first + 1], values[first + 2], values[first + 3]
    r4, r5, r6, r7 = values[first + 4], values[first + 5], values[first + 6], values[first + 7]
    whole = count - count % 8
    for i in range(first + 8, first + whole, 8):
        r0 += values[i]
        r1 += values[i + 1]
        r2 += values[i + 2]
        r3 += values[i + 3]
        r4 += values[i + 4]
        r5 += values[i + 5]
        r6 += values[i + 6]
        r7 += values[i + 7]
    found: float = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
    for i in range(first + whole, first + count):
        found += values[i]
    return found


def doubled(below: Sum) -> Sum:
    """The sum of up to twice as many numbers; written out, for numba cannot load recursive functions from its cache."""

    @jit
    def above(values: Numbers, first: int, count: int) -> float:
        if count <= BLOCK:
            return block(values, first, count)
        half = count // 2
        half -= half % 8
        return below(values, first, half) + below(values, first + half, count - half)

    return above


pairwise = doubled(doubled(doubled(doubled(doubled(doubled(block))))))


@jit
def total(values: Numbers, first: int, count: int) -> float:
    """np.sum of `count` numbers, at most MOST, from `first` on."""
    return 0.0 + pairwise(values, first, count)


@jit
def spread(values: Numbers, first: int, count: int, work: Numbers) -> float:
    """np.std of `count` numbers from `first` on (numpy/_core/_methods.py, _var)."""
    mean = total(values, first, count) / count
    for i in range(count):
        deviation = values[first + i] - mean
        work[i] = deviation * deviation
    return math.sqrt(total(work, 0, count) / count)


@jit
def median(values: Numbers) -> float:
    """np.median, whose mean of the middle one or two begins with -0.0 as every sum."""
    ordered = np.sort(values)
    middle = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return (0.0 + (-0.0 + ordered[middle])) / 1
    return (0.0 + (-0.0 + ordered[middle - 1] + ordered[middle])) / 2
