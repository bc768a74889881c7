"""The result of an optimizer, as the library has it."""

from functools import cached_property
from typing import Any

import numpy as np
from opendsm.common.metrics import _MIN_DENOMINATOR, acf  # type: ignore[import-untyped]
from opendsm.common.stats.basic import unc_factor  # type: ignore[import-untyped]
from opendsm.common.utils import safe_divide  # type: ignore[import-untyped]
from opendsm.eemeter.models.daily.optimize import pos_msg  # type: ignore[import-untyped]
from opendsm.eemeter.models.daily.optimize_results import OptimizedResult  # type: ignore[import-untyped]
from opendsm.eemeter.models.daily.parameters import ModelCoefficients  # type: ignore[import-untyped]
from opendsm.eemeter.models.daily.utilities.base_model import get_T_bnds  # type: ignore[import-untyped]

from eeds.meter.arrays import Numbers


class Result(OptimizedResult):  # type: ignore[misc]
    """Without the metrics of components that are only compared: those of the chosen ones are found when asked for."""

    def __init__(
        self,
        coefficients: Numbers,
        optimizer: Any,
        temperature: Numbers,
        model: Numbers,
        weight: Numbers,
        resid: Numbers,
        mean_loss: float,
        calls: int,
    ) -> None:
        self.settings, self.coef_id, self.bnds = optimizer.settings, optimizer.coef_id, optimizer.bnds
        self.x, self.num_coeffs = coefficients, len(coefficients)
        self.T, self.N = temperature, len(temperature)
        (self.T_min, self.T_max), (self.T_min_seg, self.T_max_seg) = get_T_bnds(temperature, self.settings)
        self.model, self.weight, self.resid, self.obs = model, weight, resid, model - resid
        self.wSSE = self.TSS = np.sum(weight * resid**2)
        self.mean_loss, self.loss = mean_loss, mean_loss * self.N
        self.success, self.message, self.nfev = True, pos_msg[0], calls
        self.fitted_coefficients = self.num_coeffs
        self._set_model_key()
        self._refine_model()
        self.named_coeffs = ModelCoefficients.from_np_arrays(self.x, self.coef_id)
        self.x = np.array(self.x)

    @cached_property
    def f_unc(self) -> float:
        """The uncertainty of a prediction (_prediction_uncertainty)."""
        freedom = max(independent_days(self.obs - self.model) - self.fitted_coefficients, 1)
        factor = unc_factor(freedom + 1, interval="PI", alpha=self.settings.uncertainty_alpha)
        return np.std(self.resid) * factor


def independent_days(residuals: Numbers) -> float:
    """How many days would say as much if they were independent (n_prime of the library's BaselineMetrics)."""
    correlation = acf(residuals, lag_n=1, ac_type="moving_stats")[1]
    found = safe_divide(len(residuals) * (1 - correlation), 1 + correlation, _MIN_DENOMINATOR)
    return found if np.isfinite(found) and found >= 1 else 1
