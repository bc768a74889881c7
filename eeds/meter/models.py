"""The library that fits the models, opendsm's eemeter: nothing else imports it. Importing it takes seconds."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import pandas as pd
from opendsm import eemeter  # type: ignore[import-untyped]
from opendsm.eemeter.common.data_settings import DailyDataSufficiencySettings  # type: ignore[import-untyped]

from eeds.meter.days import Dates, Numbers
from eeds.meter.series import Series
from eeds.meter.sufficiency import Limits

log = logging.getLogger("eeds.meter")

# The library logs what it finds wrong with its data; the status of a trace says that.
logging.getLogger("eemeter").setLevel(logging.ERROR)

POOR_FIT = "eemeter.model_fit_metrics"
# The library has no exception of its own for days it cannot fit. Those known are found in eeds.meter.sufficiency
# before; these are what the others looked like, as TypeError for a year of nothing but working days.
LIBRARY_FAILURES = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


class NotFitted(Exception):
    """There is no model of these days; the text is a status for the person who ordered the run."""


@dataclass(frozen=True)
class DailyModel:
    """A fitted model: energy of a day from its mean temperature, its season, and whether it is a working day."""

    fitted: eemeter.DailyModel

    @property
    def parameters(self) -> int:
        """How many numbers were fitted."""
        return int(self.fitted.baseline_metrics.num_model_params)

    def predict(self, dates: Dates, temperature: Numbers) -> Numbers:
        """Energy of consecutive days in the unit of the fit, NaN where the temperature (degrees Fahrenheit) is."""
        with quiet():
            data = eemeter.DailyReportingData(frame(dates, temperature=temperature), is_electricity_data=False)
            predicted = self.fitted.predict(data, ignore_disqualification=True)["predicted"]
        return np.asarray(predicted, dtype=np.float64)

    def to_json(self) -> str:
        """The model as the library writes it."""
        return str(self.fitted.to_json())

    @classmethod
    def from_json(cls, text: str) -> "DailyModel":
        """The model that to_json() wrote."""
        return cls(eemeter.DailyModel.from_json(text))


def fit_daily(series: Series, *, is_electricity: bool, ignore_poor_fit: bool) -> DailyModel:
    """Fit a model to the days of a series that has passed eeds.meter.sufficiency; raises NotFitted.

    The library's own check of sufficiency is passed over: it counts the last day as missing.
    """
    settings = {"sufficiency": {"max_baseline_length": max(len(series.dates), daily_limits().max_days)}}
    rows = frame(series.dates, temperature=series.temperature, observed=series.energy)
    try:
        with quiet():
            data = eemeter.DailyBaselineData(rows, is_electricity_data=is_electricity, settings=settings)
            fitted = eemeter.DailyModel().fit(data, ignore_disqualification=True)
    except LIBRARY_FAILURES as error:
        log.exception("the library failed on %d days", len(series.dates))
        raise NotFitted(
            "NOT FITTED: the model could not be fitted to these days. Look for outliers and long gaps in the readings."
        ) from error
    if not ignore_poor_fit:
        require_good_fit(fitted)
    return DailyModel(fitted)


def frame(dates: Dates, **columns: Numbers) -> pd.DataFrame:
    """Local days in the library's form. They are labelled as if they were UTC's: it asks a day only for its season and
    weekday, and this calendar has no days of 23 hours and none without a midnight, which it cannot handle."""
    return pd.DataFrame(columns, index=pd.DatetimeIndex(dates.astype("datetime64[ns]")).tz_localize("UTC"))


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings of numerical code that tries its way to a minimum."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def require_good_fit(fitted: eemeter.DailyModel) -> None:
    """Raises NotFitted with the library's verdict on the fit, if there is one (CalTRACK 4.3.2.1)."""
    for finding in fitted.disqualification:
        if finding.qualified_name == POOR_FIT:
            found = {name: "undefined" if np.isnan(value) else f"{value:.2f}" for name, value in finding.data.items()}
            raise NotFitted(
                f"POOR FIT: CVRMSE (measured {found['cvrmse']}, required at most {found['cvrmse_threshold']}) or RMSE "
                f"over interquartile range (measured {found['pnrmse']}, required at most {found['pnrmse_threshold']}). "
                "Temperature does not explain this use: look for outliers, or set "
                "ignore_disqualification to have the model all the same."
            )


def daily_limits() -> Limits:
    """What the library requires of daily data."""
    settings = DailyDataSufficiencySettings()
    return Limits(
        min_days=int(settings.min_baseline_length),
        max_days=int(settings.max_baseline_length),
        temperature=settings.temperature.min_pct_daily_coverage,
        energy=settings.observed.min_pct_daily_coverage,
        both=settings.joint.min_pct_daily_coverage,
        monthly_temperature=settings.temperature.min_pct_monthly_coverage,
    )


def library_version() -> str:
    """The version of opendsm."""
    return version("opendsm")


def warm_up() -> None:
    """Fit a toy model, so that numba has compiled what a fit needs: a process forked from this one does not pay for it
    again. Compiled code is kept on disk where NUMBA_CACHE_DIR says."""
    dates = np.arange(np.datetime64("2015-01-01"), np.datetime64("2016-01-01"))
    day = np.arange(len(dates), dtype=np.float64)
    temperature = 60 - 30 * np.cos(day * 2 * np.pi / 365) + 5 * np.sin(day * 1.7)
    energy = 20 + np.maximum(55 - temperature, 0) + np.maximum(temperature - 70, 0) + np.sin(day * 2.3)
    fit_daily(Series(dates, energy, temperature), is_electricity=True, ignore_poor_fit=True)
