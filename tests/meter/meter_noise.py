"""Noise whose properties are known."""

import numpy as np
from numpy.typing import NDArray


def ar1(rng: np.random.Generator, n: int, rho: float) -> NDArray[np.float64]:
    """AR(1) noise of variance 1."""
    errors = rng.normal(0, 1, n)
    for day in range(1, n):
        errors[day] = rho * errors[day - 1] + np.sqrt(1 - rho**2) * errors[day]
    return errors


def spells(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Noise of single days, and of spells of a fortnight on average, of variance 1 each."""
    spell = np.cumsum(rng.random(n) < 1 / 14)
    return np.asarray(rng.normal(0, 1, n + 1)[spell] + rng.normal(0, 1, n), dtype=np.float64)
