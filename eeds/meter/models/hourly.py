"""The hourly model: the 24 hours of a day from their temperatures, the month and the weekday.

It is the library's variant without irradiance, also for meters behind which the sun makes electricity: no source of
stored weather has irradiance.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from opendsm import eemeter  # type: ignore[import-untyped]

from eeds.meter.arrays import Instants, Numbers
from eeds.meter.models.library import FittedModel, quiet
from eeds.meter.series import Series
from eeds.meter.settings import MeterSettings


@dataclass(frozen=True)
class HourlyModel(FittedModel):
    """A fitted model."""

    @classmethod
    def fit_library(cls, series: Series, settings: MeterSettings, is_electricity: bool) -> Any:
        """The library's model of hours."""
        rows = hour_frame(series.start, settings.timezone, temperature=series.temperature, observed=series.energy)
        data = eemeter.HourlyBaselineData(rows, is_electricity_data=is_electricity)
        model = eemeter.HourlyModel(eemeter.HourlyNonSolarSettings(seed=settings.seed))
        return model.fit(data, ignore_disqualification=True)

    def predict(self, series: Series) -> Numbers:
        """Energy of the consecutive hours of whole local days."""
        start, temperature = series.start, series.temperature
        if np.isnan(temperature).all():
            return np.full(len(start), np.nan)
        with quiet():
            # the library finds the days on which clocks change by counting observations, which change no prediction
            rows = hour_frame(start, self.timezone, temperature=temperature, observed=np.ones(len(start)))
            data = eemeter.HourlyReportingData(rows, is_electricity_data=False)
            predicted = self.fitted.predict(data, ignore_disqualification=True)["predicted"].reindex(rows.index)
        # the library interpolates temperatures over any gap
        return np.where(np.isnan(temperature), np.nan, np.asarray(predicted, dtype=np.float64))


def hour_frame(start: Instants, timezone: str, **columns: Numbers) -> pd.DataFrame:
    """Hours in the library's form, in local time."""
    return pd.DataFrame(columns, index=pd.DatetimeIndex(start.astype("datetime64[ns]"), tz="UTC").tz_convert(timezone))
