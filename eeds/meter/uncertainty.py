"""How sure a sum of predictions is: the noise of what is measured, what a fit to noisy data does not know, and where
the model's form is wrong.

Noise. The residuals of daily energy are correlated from day to day, so P days of them hold no more information than
P' = P (1 - rho) / (1 + rho) independent ones (ASHRAE Guideline 14, CalTRACK 4.3.2.4), and a sum of Q days has the
variance Q v, where v = RMSE^2 P/P' (1 + 2/P'). See eeds.meter.noise for hours, bills and noise that lasts longer.

Fit. What a fit to P days does not know adds Q^2/P v. CalTRACK's half width, with its polynomial a M^2 + b M + d of Sun
and Baltazar (2013), is t sqrt(Q v (1 + Q/P)) to within 2 % for up to three years, and the root holds for any lengths.
What is measured against a prediction (metered savings) has both parts; days that the model was fitted to have neither,
for what was measured in them is known. What a building would use in a normal year has no noise of its own.

Model. Both parts take the model's form for true. Where it is not, two errors are seen and both are expected again: what
it missed in the same months of the fit, beyond noise; and where, of the difference in weather to those months, a second
model makes something else (eeds.meter.degree_days says why). The value stays the model's own; the interval lies around
the value less what is expected to be wrong with it.

`of_cells` and `of_bills` make FitStatistics of what was measured and predicted; they give the Spread of any
sum of predictions.
"""

from dataclasses import dataclass, replace

import numpy as np

from eeds.meter.arrays import Indexes, Mask, Numbers, totals
from eeds.meter.degree_days import LEAST_GROUPS, DegreeDays, fit_degree_days
from eeds.meter.noise import SLOWEST, Noise, cosines, noise_of_bills, noise_of_days, noise_of_window, with_pattern
from eeds.meter.series import MONTHS, Series
from eeds.meter.spread import Spread

DAY_HOURS, WEEK = 24, 7


@dataclass(frozen=True, eq=False)
class FitStatistics:
    """How well a model fits its own days, bills or hours. Energies in the trace's unit a day (of hours: an hour)."""

    n: int  # days, bills or hours fitted
    parameters: int
    r2: float  # may be negative
    rmse: float  # of n - c degrees of freedom (CalTRACK 4.3.2.2), see explanatory
    mean: float  # of the measured energy
    bias: float  # how much more was measured than predicted, on average (CalTRACK 4.3.2.6.1)
    explanatory: int  # c
    noise: Noise
    fitted: Series  # the days of the fit
    residuals: Numbers  # of those days, measured minus predicted
    second: DegreeDays | None  # of hours and bills; None if there are too few for one
    of_bills: bool = False

    @property
    def cvrmse(self) -> float | None:
        """RMSE as a fraction of the mean; None where a net meter's mean is zero."""
        return self.rmse / abs(self.mean) if self.mean else None

    @property
    def nmbe(self) -> float | None:
        """The mean bias as a fraction of the mean, of n - c degrees of freedom as in CVRMSE (ASHRAE Guideline 14);
        None where a net meter's mean is zero."""
        return self.bias * self.n / max(self.n - self.explanatory, 1) / self.mean if self.mean else None

    def point_distance(self, confidence_level: float) -> float:
        """Of the measured energy of one day (of bills: of a bill's average day; of hours: of an hour) from its
        prediction."""
        variance = self.rmse**2 * (1 + 1 / self.noise.effective_n)
        freedom = self.noise.freedom_of_days or self.noise.freedom
        return Spread(0.0, variance, 0.0, freedom).distances(confidence_level)[0]

    def with_window(self, predicted: Series, measured: Numbers) -> "FitStatistics":
        """With the noise of other days, each of which has a prediction and what was measured, if it is more."""
        days = predicted.by_day()
        misses = replace(predicted, energy=measured).by_day().energy - days.energy
        there = ~np.isnan(misses)
        return self.with_noise(noise_of_window(days.select(there), misses[there]))

    def with_noise(self, other: Noise | None) -> "FitStatistics":
        """With what else is known of the noise of the same building, if it is more: a fit follows the slow part of its
        own, and shows too little of it. Bills are too few to tell noise from savings."""
        if self.of_bills or other is None or other.variance <= self.noise.variance:
            return self
        return replace(self, noise=replace(self.noise, variance=other.variance, freedom=other.freedom))

    def measured_sum(self, predicted: Series) -> Spread:
        """Of the energy measured where there is a prediction against the sum of those: of metered savings. What was
        measured on days of the fit is known, so of these the error is known too."""
        predicted = predicted.present.by_day()
        known = np.isin(self.fitted.dates, predicted.dates)
        others = self.sum(predicted.select(~np.isin(predicted.dates, self.fitted.dates)), noise=1)
        return replace(others, offset=others.offset - float(self.residuals[known].sum()))

    def expected_sum(self, predicted: Series) -> Spread:
        """Of the energy to be expected where there is a prediction against the sum of those."""
        return self.sum(predicted, noise=0)

    def sum(self, predicted: Series, *, noise: int) -> Spread:
        """Of a sum of predictions, with or without the noise of what is measured."""
        predicted = predicted.present.by_day()
        same, days = same_months(self.fitted, predicted), len(predicted.dates)
        season, season_variance = self.missed(same)
        weather, weather_variance = self.disagreement(predicted, same)
        own = self.noise.variance * (noise * days + days**2 / len(self.fitted.dates)) + season_variance
        cosines = tuple(float(np.sqrt(own)) * part for part in self.noise.pattern)
        return Spread(weather - season, own, float(np.sqrt(weather_variance)), self.noise.freedom, cosines)

    def missed(self, same: Numbers) -> tuple[float, float]:
        """How much more was measured in the same months of the fit than the model makes of them, as far as that is more
        than noise, and the variance of that. Over a whole year it is next to nothing.

        Expectation and variance of a normal error whose own variance is what the square has beyond that of the noise
        (empirical Bayes, the positive part of James and Stein 1961).
        """
        excess = float(same @ self.residuals)
        noise = self.noise.variance * max(float(same @ same - same.sum() ** 2 / len(same)), 0.0)
        share = max(1 - noise / excess**2, 0.0) if excess else 0.0
        return share * excess, share * noise

    def disagreement(self, predicted: Series, same: Numbers) -> tuple[float, float]:
        """How much more the model makes than the second one of the difference in weather, and the variance of that."""
        if self.second is None:
            return 0.0, 0.0
        temperature = np.concatenate([predicted.temperature, self.fitted.temperature])
        other, variance = self.second.sum(temperature, np.concatenate([np.ones(len(predicted.dates)), -same]))
        return float(predicted.energy.sum() - same @ self.fitted.energy) - other, variance


def same_months(fitted: Series, predicted: Series) -> Numbers:
    """Weights of the fitted days that add up to as many days in each month of the year as are predicted; days in months
    that were not fitted are spread over all that were."""
    there = np.bincount(fitted.month, minlength=MONTHS)
    days = np.bincount(predicted.month, minlength=MONTHS)
    elsewhere = days[there == 0].sum() / len(fitted.dates)
    return np.asarray((days / np.maximum(there, 1))[fitted.month] + elsewhere, dtype=np.float64)


def of_cells(measured: Numbers, predicted: Series, parameters: int, cells_a_day: int = 1) -> FitStatistics:
    """Statistics of a fit to consecutive days or hours, measured NaN where one was not fitted.

    At least two must differ. Noise is that of days. The parameters of a fit to hours are those of 24 models, one for
    each hour of the day: a day's sum has a 24th of them. Hours have a second model, of weeks, the last of which may be
    up to twice as long; one of days has nothing to tell of a model that was fitted to days itself.
    """
    days = predicted.by_day()
    energy = replace(predicted, energy=measured).by_day().energy
    residuals = energy - days.energy
    there = ~np.isnan(residuals)
    fitted, energy = days.select(there), energy[there]
    second = second_model_of_weeks(energy, fitted) if cells_a_day > 1 else None
    noise = noise_of_days(residuals, parameters / cells_a_day)
    if second is not None:
        noise = with_pattern(noise, cosines(where(there, energy - second.of_days(fitted.temperature)), 0))
    known = ~np.isnan(measured - predicted.energy)
    rates, misses = measured[known], (measured - predicted.energy)[known]
    c = explanatory(parameters, cells_a_day)
    figures = fit_figures(rates, misses, np.ones(len(rates)), c)
    return FitStatistics(len(rates), parameters, *figures, c, noise, fitted, residuals[there], second)


def second_model_of_weeks(energy: Numbers, fitted: Series) -> DegreeDays | None:
    """Of consecutive days; None if there are too few."""
    weeks = len(energy) // WEEK
    week = np.minimum(np.arange(len(energy)) // WEEK, weeks - 1)
    return fit_degree_days(totals(week, energy), fitted.temperature, week) if weeks >= LEAST_GROUPS else None


def of_bills(measured: Numbers, bill: Indexes, predicted: Series, parameters: int) -> FitStatistics:
    """Statistics of a fit to bills: for each day its even share of the bill it lies in, NaN where that was not fitted,
    and the number of the bill.

    The noise is that of the second model: what the library's misses in a bill is mostly not noise (see degree_days).
    """
    there = ~np.isnan(measured - predicted.energy)
    days = predicted.select(there)
    _, bill = np.unique(bill[there], return_inverse=True)
    lengths, energy = totals(bill), totals(bill, measured[there])
    misses = (energy - totals(bill, days.energy)) / lengths
    second = fit_degree_days(energy, days.temperature, bill) if len(energy) >= LEAST_GROUPS else None
    noise = noise_of_bills(misses * lengths, lengths, parameters)
    if second is not None:
        noise = Noise(second.variance, len(energy) - second.parameters, len(energy))
        rest = (energy - totals(bill, second.of_days(days.temperature))) / lengths
        # there are no more cosines than bills
        noise = with_pattern(noise, cosines(where(there, rest[bill]), 0)[: max(len(energy) - 1 - SLOWEST, 1)])
    c = explanatory(parameters)
    figures = fit_figures(energy / lengths, misses, lengths, c)
    return FitStatistics(len(energy), parameters, *figures, c, noise, days, misses[bill], second, of_bills=True)


def explanatory(parameters: int, cells_a_day: int = 1) -> int:
    """c of CalTRACK 4.3.2.2.5: how many explanatory variables a model has, without the intercept. Of days and bills one
    of the parameters is an intercept; the hourly model counts none of its 24."""
    return parameters if cells_a_day > 1 else max(parameters - 1, 0)


def where(there: Mask, values: Numbers) -> Numbers:
    """Values of the days that are there, NaN of the others."""
    every = np.full(len(there), np.nan)
    every[there] = values
    return every


def fit_figures(
    rates: Numbers, misses: Numbers, lengths: Numbers, explanatory: int
) -> tuple[float, float, float, float]:
    """r2, RMSE, mean and mean bias of rows that were fitted, each weighing as much as it is long: of what was measured
    on average of a row, and how much more that was than predicted."""
    weight, n = lengths / lengths.mean(), len(rates)
    mean, squares = float(np.average(rates, weights=weight)), float(weight @ misses**2)
    r2 = 1 - squares / float(weight @ (rates - mean) ** 2)
    bias = float(np.average(misses, weights=weight))
    return r2, float(np.sqrt(squares / max(n - explanatory, 1))), mean, bias
