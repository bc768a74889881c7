"""How sure a sum of predictions is: the noise of what is measured, what a fit to noisy data does not know, and where
the model's form is wrong.

Noise. The residuals of daily energy are correlated from day to day, so P days of them hold no more information than
P' = P (1 - rho) / (1 + rho) independent ones (ASHRAE Guideline 14, CalTRACK 4.3.2.4), and a sum of Q days has the
variance Q v, where v = RMSE^2 P/P' (1 + 2/P'). See eeds.meter.noise for hours, bills and noise that lasts longer.

Fit. What a fit to P days does not know adds Q^2/P v. CalTRACK's half width, with its polynomial a M^2 + b M + d of Sun
and Baltazar (2013), is t sqrt(Q v (1 + Q/P)) to within 2 % for up to three years, and the root holds for any lengths.
What is measured against a prediction (metered savings) has both parts. What a building would use in a normal year has
no noise of its own.

Model. Both parts take the model's form for true. Where it is not, two errors are seen and both are counted: what it
missed in the same months of the fit, beyond noise; and where, of the difference in weather to those months, a second
model makes something else (eeds.meter.degree_days says why). The interval stays around the model's own value, and is as
wide as it takes to hold the truth all the same.

`of_days`, `of_hours` and `of_bills` make FitStatistics of what was measured and predicted; they give the Spread of any
sum of predictions.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq  # type: ignore[import-untyped]
from scipy.special import stdtr, stdtrit  # type: ignore[import-untyped]

from eeds.meter.arrays import Dates, Indexes, Mask, Numbers
from eeds.meter.degree_days import LEAST_GROUPS, DegreeDays, fit_degree_days, totals
from eeds.meter.noise import WEEK, Noise, noise_of_bills, noise_of_days

DAY_HOURS, MONTHS = 24, 12


@dataclass(frozen=True, eq=False)
class Predicted:
    """Consecutive local days or hours with a model's prediction, NaN where there is no temperature."""

    dates: Dates  # hours repeat theirs
    temperature: Numbers  # mean, degrees Fahrenheit
    energy: Numbers  # in the trace's unit

    @property
    def month(self) -> Indexes:
        """Of the year, from 0."""
        return self.dates.astype("datetime64[M]").astype(np.intp) % MONTHS

    @property
    def present(self) -> "Predicted":
        """Those with a prediction."""
        return self.select(~np.isnan(self.energy))

    @property
    def days(self) -> int:
        """How many days there are."""
        return len(np.unique(self.dates))

    def select(self, mask: Mask) -> "Predicted":
        """The days or hours of a mask."""
        return Predicted(self.dates[mask], self.temperature[mask], self.energy[mask])

    def by_day(self) -> "Predicted":
        """Hours added up, the temperature averaged; NaN if one hour is. Days are as they were."""
        dates, day = np.unique(self.dates, return_inverse=True)
        temperature = totals(day, self.temperature) / totals(day)
        return Predicted(dates, temperature, totals(day, self.energy))


@dataclass(frozen=True)
class Spread:
    """The distribution of the error of a value: Student's t around `offset`."""

    offset: float
    variance: float
    freedom: float

    def distance(self, confidence_level: float) -> float:
        """The least half width of an interval around the value that holds the truth with this probability."""
        scale, offset = float(np.sqrt(self.variance)), abs(self.offset)
        if scale == 0:
            return offset

        def lacking(width: float) -> float:
            inside = stdtr(self.freedom, [(width - offset) / scale, (-width - offset) / scale])
            return float(inside[0] - inside[1] - confidence_level)

        most = offset + scale * (1 + float(stdtrit(self.freedom, (1 + confidence_level) / 2)))
        return float(brentq(lacking, 0, most))

    def minus(self, other: "Spread") -> "Spread":
        """Of the difference of two values from independent data; the freedom is Welch's and Satterthwaite's."""
        variance = self.variance + other.variance
        parts = self.variance**2 / self.freedom + other.variance**2 / other.freedom
        return Spread(self.offset - other.offset, variance, variance**2 / parts if parts else self.freedom)


@dataclass(frozen=True, eq=False)
class FitStatistics:
    """How well a model fits its own days, bills or hours. Energies in the trace's unit a day (of hours: an hour)."""

    n: int  # days, bills or hours fitted
    parameters: int
    r2: float  # may be negative
    rmse: float  # of n - parameters degrees of freedom (CalTRACK 4.3.2.2)
    mean: float  # of the measured energy
    noise: Noise
    fitted: Predicted  # the days of the fit
    residuals: Numbers  # of those days, measured minus predicted
    second: DegreeDays | None  # None if there are too few days for one

    @property
    def cvrmse(self) -> float | None:
        """RMSE as a fraction of the mean; None where a net meter's mean is zero."""
        return self.rmse / abs(self.mean) if self.mean else None

    def point_distance(self, confidence_level: float) -> float:
        """Of the measured energy of one day (of bills: of a bill's average day; of hours: of an hour) from its
        prediction."""
        variance = self.rmse**2 * (1 + 1 / self.noise.effective_n)
        return Spread(0.0, variance, self.noise.freedom).distance(confidence_level)

    def measured_sum(self, predicted: Predicted) -> Spread:
        """Of the energy measured where there is a prediction against the sum of those: of metered savings."""
        return self.sum(predicted, noise=1)

    def expected_sum(self, predicted: Predicted) -> Spread:
        """Of the energy to be expected where there is a prediction against the sum of those."""
        return self.sum(predicted, noise=0)

    def sum(self, predicted: Predicted, *, noise: int) -> Spread:
        """Of a sum of predictions, with or without the noise of what is measured."""
        predicted = predicted.present.by_day()
        same, days = same_months(self.fitted, predicted), len(predicted.dates)
        season, season_variance = self.missed(same)
        weather, weather_variance = self.disagreement(predicted, same)
        variance = self.noise.variance * (noise * days + days**2 / len(self.fitted.dates))
        return Spread(weather - season, variance + season_variance + weather_variance, self.noise.freedom)

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

    def disagreement(self, predicted: Predicted, same: Numbers) -> tuple[float, float]:
        """How much more the model makes than the second one of the difference in weather, and the variance of that."""
        if self.second is None:
            return 0.0, 0.0
        temperature = np.concatenate([predicted.temperature, self.fitted.temperature])
        other, variance = self.second.sum(temperature, np.concatenate([np.ones(len(predicted.dates)), -same]))
        return float(predicted.energy.sum() - same @ self.fitted.energy) - other, variance


def same_months(fitted: Predicted, predicted: Predicted) -> Numbers:
    """Weights of the fitted days that add up to as many days in each month of the year as are predicted; days in months
    that were not fitted are spread over all that were."""
    there = np.bincount(fitted.month, minlength=MONTHS)
    days = np.bincount(predicted.month, minlength=MONTHS)
    elsewhere = days[there == 0].sum() / len(fitted.dates)
    return np.asarray((days / np.maximum(there, 1))[fitted.month] + elsewhere, dtype=np.float64)


def of_days(measured: Numbers, predicted: Predicted, parameters: int) -> FitStatistics:
    """Statistics of a fit to consecutive days, measured NaN where one was not fitted. At least two must differ."""
    rows = Rows(measured, predicted.energy, np.ones(len(measured)), parameters)
    return rows.statistics(*daily_parts(measured, predicted, parameters))


def of_hours(measured: Numbers, predicted: Predicted, parameters: int) -> FitStatistics:
    """Statistics of a fit to consecutive hours, measured NaN where one was not fitted.

    The parameters are those of 24 models, one for each hour of the day: a day's sum has a 24th of them.
    """
    days = predicted.by_day()
    energy = Predicted(predicted.dates, predicted.temperature, measured).by_day().energy
    rows = Rows(measured, predicted.energy, np.ones(len(measured)), parameters)
    return rows.statistics(*daily_parts(energy, days, parameters / DAY_HOURS))


def of_bills(measured: Numbers, bill: Indexes, predicted: Predicted, parameters: int) -> FitStatistics:
    """Statistics of a fit to bills: for each day its even share of the bill it lies in, NaN where that was not fitted,
    and the number of the bill.

    The noise is that of the second model: what the library's misses in a bill is mostly not noise (see degree_days).
    """
    there = ~np.isnan(measured - predicted.energy)
    days = predicted.select(there)
    _, bill = np.unique(bill[there], return_inverse=True)
    lengths, energy = totals(bill), totals(bill, measured[there])
    rows = Rows(energy, totals(bill, days.energy), lengths, parameters)
    second = fit_degree_days(energy, days.temperature, bill) if len(energy) >= LEAST_GROUPS else None
    noise = noise_of_bills(rows.residuals, lengths, parameters)
    if second is not None:
        noise = Noise(second.variance, len(energy) - second.parameters, len(energy))
    return rows.statistics(noise, days, (rows.residuals / lengths)[bill], second)


def daily_parts(
    energy: Numbers, predicted: Predicted, parameters: float
) -> tuple[Noise, Predicted, Numbers, DegreeDays | None]:
    """Noise, the days that were fitted, their residuals, and the second model: of weeks of them, the last of which may
    be up to twice as long."""
    residuals = energy - predicted.energy
    there = ~np.isnan(residuals)
    fitted, energy = predicted.select(there), energy[there]
    weeks = len(energy) // WEEK
    week = np.minimum(np.arange(len(energy)) // WEEK, weeks - 1)
    enough = weeks >= LEAST_GROUPS
    second = fit_degree_days(totals(week, energy), fitted.temperature, week) if enough else None
    return noise_of_days(residuals, parameters), fitted, residuals[there], second


@dataclass(frozen=True, eq=False)
class Rows:
    """What a model was fitted to and what it predicts, row by row; NaN where one was not fitted."""

    measured: Numbers
    predicted: Numbers
    lengths: Numbers  # in days (of hours: in hours)
    parameters: int

    @property
    def residuals(self) -> Numbers:
        """Of whole rows."""
        return self.measured - self.predicted

    def statistics(
        self, noise: Noise, fitted: Predicted, residuals: Numbers, second: DegreeDays | None
    ) -> FitStatistics:
        """Statistics of the averages of the rows, each weighing as much as it is long."""
        there = ~np.isnan(self.residuals)
        lengths, n = self.lengths[there], int(np.count_nonzero(there))
        rates, misses, weight = (
            self.measured[there] / lengths,
            self.residuals[there] / lengths,
            lengths / lengths.mean(),
        )
        mean, squares = float(np.average(rates, weights=weight)), float(weight @ misses**2)
        return FitStatistics(
            n=n,
            parameters=self.parameters,
            r2=1 - squares / float(weight @ (rates - mean) ** 2),
            rmse=float(np.sqrt(squares / max(n - self.parameters, 1))),
            mean=mean,
            noise=noise,
            fitted=fitted,
            residuals=residuals,
            second=second,
        )
