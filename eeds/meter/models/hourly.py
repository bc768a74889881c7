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
from eeds.meter.models.engine import COMPILED, engine
from eeds.meter.models.hour_model import HourModel
from eeds.meter.models.library import LibraryModel, drops_zeros, quiet
from eeds.meter.series import Series
from eeds.meter.settings import MeterSettings


@dataclass(frozen=True)
class HourlyModel(LibraryModel):
    """A fitted model."""

    @classmethod
    def fit_library(cls, series: Series, settings: MeterSettings, is_electricity: bool) -> Any:
        """The library's model of hours."""
        rows = hour_frame(series.start, settings.timezone, temperature=series.temperature, observed=series.energy)
        data = eemeter.HourlyBaselineData(rows, is_electricity_data=drops_zeros(series.energy, is_electricity))
        model = model_of_engine()(eemeter.HourlyNonSolarSettings(seed=settings.seed))
        return model.fit(data, ignore_disqualification=True)

    def predict(self, series: Series) -> Numbers:
        """Energy of the consecutive hours of whole local days."""
        start, temperature = series.start, series.temperature
        if np.isnan(temperature).all():
            return np.full(len(start), np.nan)
        if engine() == COMPILED:
            from eeds.meter.models.compiled.predict_hours import predict_hours

            found = predict_hours(self.fitted, local_index(start, self.timezone), temperature)
            if found is not None:
                return found
        with quiet():
            # The library finds the days on which clocks change by counting observations. These change no prediction: it
            # looks at them only for months and weekdays without a cluster, and there are none.
            rows = hour_frame(start, self.timezone, temperature=temperature, observed=np.ones(len(start)))
            data = eemeter.HourlyReportingData(rows, is_electricity_data=False)
            predicted = self.fitted.predict(data, ignore_disqualification=True)["predicted"].reindex(rows.index)
        # the library interpolates temperatures over any gap
        return np.where(np.isnan(temperature), np.nan, np.asarray(predicted, dtype=np.float64))


def model_of_engine() -> Any:
    """The class of the library's models that the engine of this process fits."""
    if engine() != COMPILED:
        return HourModel
    from eeds.meter.models.compiled.hourly import CompiledHourlyModel  # knows only the versions it was proven for

    return CompiledHourlyModel


def hour_frame(start: Instants, timezone: str, **columns: Numbers) -> pd.DataFrame:
    """Hours in the library's form, in local time."""
    return pd.DataFrame(columns, index=local_index(start, timezone))


def local_index(start: Instants, timezone: str) -> pd.DatetimeIndex:
    """Times in a time zone."""
    return pd.DatetimeIndex(start.astype("datetime64[ns]"), tz="UTC").tz_convert(timezone)
