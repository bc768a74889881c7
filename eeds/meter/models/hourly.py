"""The hourly model: the 24 hours of a day from their temperatures, the month and the weekday.

It is the library's variant without irradiance, also for meters behind which the sun makes electricity: no source of
stored weather has irradiance.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from opendsm import eemeter  # type: ignore[import-untyped]

from eeds.meter.arrays import Instants, Numbers
from eeds.meter.models.library import FittedModel, fitting, quiet, require_good_fit
from eeds.meter.series import Series


@dataclass(frozen=True)
class HourlyModel(FittedModel):
    """A fitted model."""

    timezone: str

    @classmethod
    def fit(
        cls, hours: Series, start: Instants, timezone: str, *, seed: int, is_electricity: bool, ignore_poor_fit: bool
    ) -> Self:
        """Fit a model to the hours of a series that has passed eeds.meter.sufficiency, given when each begins; raises
        NotFitted."""
        rows = hour_frame(start, timezone, temperature=hours.temperature, observed=hours.energy)
        with fitting(len(start)):
            data = eemeter.HourlyBaselineData(rows, is_electricity_data=is_electricity)
            settings = eemeter.HourlyNonSolarSettings(seed=seed)
            fitted = eemeter.HourlyModel(settings).fit(data, ignore_disqualification=True)
        if not ignore_poor_fit:
            require_good_fit(fitted)
        return cls(fitted, timezone)

    def predict(self, hours: Series, start: Instants) -> Numbers:
        """Energy of the consecutive hours of whole local days in the unit of the fit, NaN where the temperature is."""
        if np.isnan(hours.temperature).all():
            return np.full(len(start), np.nan)
        with quiet():
            # the library finds the days on which clocks change by counting observations, which change no prediction
            rows = hour_frame(start, self.timezone, temperature=hours.temperature, observed=np.ones(len(start)))
            data = eemeter.HourlyReportingData(rows, is_electricity_data=False)
            predicted = self.fitted.predict(data, ignore_disqualification=True)["predicted"].reindex(rows.index)
        # the library interpolates temperatures over any gap
        return np.where(np.isnan(hours.temperature), np.nan, np.asarray(predicted, dtype=np.float64))


def hour_frame(start: Instants, timezone: str, **columns: Numbers) -> pd.DataFrame:
    """Hours in the library's form, in local time."""
    return pd.DataFrame(columns, index=pd.DatetimeIndex(start.astype("datetime64[ns]"), tz="UTC").tz_convert(timezone))
