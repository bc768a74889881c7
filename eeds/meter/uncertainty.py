"""How sure a prediction is, from the residuals of the fit and their autocorrelation.

The residuals of daily energy are correlated from day to day, so P days of them hold no more information than
P' = P (1 - rho) / (1 + rho) independent ones (ASHRAE Guideline 14, CalTRACK 4.3.2.4). CalTRACK's half width of the
savings over Q days, its FSU times the savings, is

    t (a M^2 + b M + d) RMSE sqrt(Q P/P' (1 + 2/P')).

Its polynomial in the M months of those days was fitted by Sun and Baltazar (2013) to baselines of twelve months, and is
sqrt(1 + Q/P) to within 2 % for up to three years: 1 is the noise of the Q days that were measured, Q/P what the fit
does not know for sure. The root holds for baselines of any length and for longer sums, where the polynomial turns down
again; and its two parts can be told apart. What is measured against a prediction (metered savings) has both. What a
building would use in a normal year has no noise of its own: only the fit can be wrong.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t  # type: ignore[import-untyped]

# Correlation that leaves no information at all would make every width infinite.
MAX_AUTOCORRELATION = 0.99


@dataclass(frozen=True)
class FitStatistics:
    """How well a model fits its own days; energies in the trace's unit a day, distances those to either bound."""

    n: int  # days fitted: P
    parameters: int
    r2: float  # may be negative
    rmse: float  # of n - parameters degrees of freedom (CalTRACK 4.3.2.2)
    mean: float  # of the measured energy
    autocorrelation: float  # of the residuals from one day to the next

    @property
    def cvrmse(self) -> float | None:
        """RMSE as a fraction of the mean; None where a net meter's mean is zero."""
        return self.rmse / abs(self.mean) if self.mean else None

    @property
    def effective_n(self) -> float:
        """P', the number of independent days."""
        return self.n * (1 - self.autocorrelation) / (1 + self.autocorrelation)

    def point_distance(self, confidence_level: float) -> float:
        """Of the measured energy of one day from its prediction."""
        return self.distance(1 + 1 / self.effective_n, confidence_level)

    def measured_sum_distance(self, days: int, confidence_level: float) -> float:
        """Of the energy measured over so many days from the sum of its predictions: the width of metered savings."""
        return self.distance(self.sum_variance(days) * (1 + days / self.n), confidence_level)

    def expected_sum_distance(self, days: int, confidence_level: float) -> float:
        """Of the energy to be expected over so many days from the sum of its predictions."""
        return self.distance(self.sum_variance(days) * days / self.n, confidence_level)

    def sum_variance(self, days: int) -> float:
        """Variance of the sum of so many days' noise, in units of RMSE squared."""
        return days * self.n / self.effective_n * (1 + 2 / self.effective_n)

    def distance(self, variance: float, confidence_level: float) -> float:
        """Half the width of the interval for a variance in units of RMSE squared.

        RMSE is known as well as P' independent residuals let it be; CalTRACK's P - c degrees of freedom would be too
        sure of it. What the fitted parameters cost is in the RMSE already.
        """
        freedom = max(self.effective_n - 1, 1.0)
        return float(student_t.ppf((1 + confidence_level) / 2, freedom) * self.rmse * np.sqrt(variance))


def fit_statistics(measured: NDArray[np.float64], predicted: NDArray[np.float64], parameters: int) -> FitStatistics:
    """Statistics of a fit from consecutive days, NaN where one was not fitted. At least two days must differ."""
    residuals = measured - predicted
    fitted = measured[~np.isnan(residuals)]
    n = len(fitted)
    squares = float(np.nansum(residuals**2))
    return FitStatistics(
        n=n,
        parameters=parameters,
        r2=1 - squares / float(np.sum((fitted - fitted.mean()) ** 2)),
        rmse=float(np.sqrt(squares / max(n - parameters, 1))),
        mean=float(fitted.mean()),
        autocorrelation=autocorrelation(residuals),
    )


def autocorrelation(residuals: NDArray[np.float64]) -> float:
    """Lag-1 autocorrelation over the pairs of consecutive days that are both there, from 0 to MAX_AUTOCORRELATION.

    What the sample has too little of is added (Kendall 1954: its expectation is rho - (1 + 4 rho) / n); a negative one
    is taken as none, for it would promise more information than there are days.
    """
    products = residuals[1:] * residuals[:-1]
    pairs = np.count_nonzero(~np.isnan(products))
    variance = np.nanmean(residuals**2)
    if pairs == 0 or variance == 0:
        return 0.0
    rho = np.nansum(products) / pairs / variance
    return float(np.clip(rho + (1 + 4 * rho) / pairs, 0.0, MAX_AUTOCORRELATION))
