"""The library's adaptive weights of residuals (adaptive_weights in common/stats/adaptive_loss.py)."""

import numpy as np
from opendsm.common.stats.adaptive_loss import (  # type: ignore[import-untyped]
    alpha_scaled,
    generalized_loss_weights,
    get_C,
)
from opendsm.common.stats.outliers import _IQR_outlier  # type: ignore[import-untyped]

from eeds.meter.arrays import Numbers
from eeds.meter.models.compiled.jit import jit
from eeds.meter.models.compiled.shape import best_scaled
from eeds.meter.models.compiled.sums import median

# Of the residuals whose median is the middle: the library has it as a default in a call.
OUTLIER_QUANTILE = 0.25


@jit
def adaptive_weights(
    residuals: Numbers, sigma: float, quantile: float, min_weight: float, algorithm: str, work: Numbers
) -> tuple[Numbers, float, float]:
    """Weights, the scale of the residuals, and alpha; that is NaN where the library would raise, or replace values that
    are not finite. `work` has room for as many numbers as there are residuals."""
    middle = median(without_outliers(residuals, sigma))
    scale = get_C(residuals, middle, sigma, quantile, algorithm)
    normalized = (residuals - middle) / scale
    if not np.isfinite(normalized).all():
        return normalized, scale, np.nan
    scaled = best_scaled(normalized, work)
    if np.isnan(scaled):
        return normalized, scale, np.nan
    alpha = alpha_scaled(scaled)
    return generalized_loss_weights(normalized, alpha, min_weight), scale, alpha


@jit
def without_outliers(values: Numbers, sigma: float) -> Numbers:
    """remove_outliers in common/stats/outliers.py: those within bounds that widen until there are some."""
    if np.all(values == values[0]):
        return values
    low = high = 0.0
    for wider in range(10):
        bounds = _IQR_outlier(values, None, sigma + wider, OUTLIER_QUANTILE)
        low, high = bounds[0], bounds[1]
        kept = values[(values >= low) & (values <= high)]
        if len(kept):
            return kept
    nearest = np.argmin(-np.minimum(values - low, high - values))
    return values[nearest : nearest + 1].copy()
