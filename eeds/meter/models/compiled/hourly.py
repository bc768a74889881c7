"""The library's hourly model with days cut out of its table by numpy, and compiled weights and growth rates: the same
numbers."""

from typing import Any

import numpy as np
import pandas as pd
from opendsm.eemeter.models.hourly import model as library  # type: ignore[import-untyped]

from eeds.meter.arrays import Indexes, Numbers
from eeds.meter.models.borrowed import with_globals
from eeds.meter.models.compiled import weights
from eeds.meter.models.compiled.growth import growth
from eeds.meter.models.compiled.hour_table import HOURS, by_day, days_from
from eeds.meter.models.compiled.sums import MOST
from eeds.meter.models.hour_model import HourModel

FEWEST = 3  # residuals that weights are compiled for
# The library's bounds of a rate (get_k in _add_extreme_temperature_bins).
SMALLEST_RATE, LARGEST_RATE = 1 / np.log(1e6), 5


def adaptive_weights(x: Numbers, *, alpha: str, sigma: float, quantile: float, min_weight: float, C_algo: Any) -> Any:  # noqa: N803 - the library's name
    """The library's weights, compiled where they are usual."""
    if alpha == "adaptive" and FEWEST <= len(x) <= MOST and np.isfinite(x).all():
        found = weights.adaptive_weights(x, sigma, quantile, min_weight, C_algo.value, np.empty(len(x)))
        if np.isfinite(found[2]):
            return found
    return library.adaptive_weights(
        x, alpha=alpha, sigma=sigma, quantile=quantile, min_weight=min_weight, C_algo=C_algo
    )


def fit_growth(x: Numbers, y: Numbers, k_only: bool = True, is_x_sorted: bool = False) -> Any:
    """The library's rate of exponential growth, its sums compiled; raises LinAlgError as the library does."""
    if not (k_only and is_x_sorted and 0 < len(x) <= MOST and np.isfinite(y).all()):
        return library._fit_exp_growth_decay(x, y, k_only=k_only, is_x_sorted=is_x_sorted)
    xx, xs, ss, xy, sy = growth(x, y)
    _, rate = np.linalg.solve(np.array([[xx, xs], [xs, ss]]), np.array([xy, sy]))
    with np.errstate(divide="ignore"):
        return None, None, 1 / rate


def bend_of_edge(warmth: Numbers, hour: Indexes, observed: Numbers, offset: float) -> dict[str, float]:
    """The coefficients of the exponential by which an edge bin of temperatures is bent, as the library's
    _add_extreme_temperature_bins finds them: warmth to [-1, 1], and the mean rate of the hours of the day."""
    low, high = warmth.min() - offset, warmth.max() + offset
    slope = (1 - -1) / (high - low)
    intercept = 1 - slope * high
    found = []
    for one in range(HOURS):
        x, y = warmth[hour == one], observed[hour == one]
        order = x.argsort(kind="quicksort")  # as pandas sorts
        try:
            found.append(fit_growth(slope * x[order] + intercept, y[order], is_x_sorted=True)[2])
        except (ArithmeticError, LookupError, ValueError):  # LinAlgError is a ValueError
            continue  # the library passes over any failure
    rates = np.abs(np.array(found))
    valid = rates[rates < LARGEST_RATE]
    rate = max(np.mean(valid) if len(valid) else 1, SMALLEST_RATE)
    size = 1 / (np.exp(1 / rate * 1) - 1)
    return {"t_a": float(slope), "t_b": float(intercept), "k": float(rate), "a": float(size)}


class Regressor(library.AdaptiveElasticNetRegressor):  # type: ignore[misc]
    """The library's regressor with compiled weights."""

    fit = with_globals(library.AdaptiveElasticNetRegressor.fit, {**vars(library), "adaptive_weights": adaptive_weights})


class CompiledHourlyModel(HourModel):
    """The library's hourly model, compiled."""

    _is_fit: bool

    _set_model = with_globals(
        library.HourlyModel._set_model, {**vars(library), "AdaptiveElasticNetRegressor": Regressor}
    )

    def _add_extreme_temperature_bins(self, df: pd.DataFrame, bin_range: list[int]) -> pd.DataFrame:
        settings, is_fit = self.settings.temperature_bin, self._is_fit
        if is_fit or settings.edge_bin_rate != "heuristic":
            return super()._add_extreme_temperature_bins(df, bin_range)
        hour, observed = df["hour_of_day"].to_numpy(), df["observed"].to_numpy()
        self._T_edge_bin_coeffs = {
            number: bend_of_edge(
                df[f"temp_bin_{number}_ts"].to_numpy(), hour, observed, settings.edge_bin_temperature_range_offset
            )
            for number in bin_range
        }
        self._is_fit = True  # the library takes what it finds of a model that is fitted
        try:
            return super()._add_extreme_temperature_bins(df, bin_range)
        finally:
            self._is_fit = is_fit

    def _get_feature_matrices(self, df: pd.DataFrame, dst_indices: Any) -> Any:
        dates = df["date"].to_numpy()
        begin = np.append(0, np.flatnonzero(dates[1:] != dates[:-1]) + 1)
        days = days_from(begin, len(dates), *dst_indices)
        categories = df[self._categorical_features].to_numpy()[begin]
        in_order = np.all(dates[begin][1:] > dates[begin][:-1])
        if categories.dtype != bool or not in_order or not days.are_usual:
            return super()._get_feature_matrices(df, dst_indices)
        features = by_day(df[self._ts_feature_norm].to_numpy(np.float64), days)
        matrix = np.concatenate((features, categories), axis=1)
        if self._is_fit:
            return matrix, None, None
        observed = by_day(df[["observed_norm"]].to_numpy(np.float64), days)
        return matrix, observed, df["include_date"].to_numpy()[begin]
