"""The daily model: energy of a day from its mean temperature, its season, and whether it is a working day."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from opendsm import eemeter  # type: ignore[import-untyped]

from eeds.meter.arrays import Numbers
from eeds.meter.models.library import FittedModel, frame, quiet
from eeds.meter.series import Series
from eeds.meter.settings import MeterSettings


@dataclass(frozen=True)
class DailyModel(FittedModel):
    """A fitted model."""

    library_model: ClassVar[type] = eemeter.DailyModel
    baseline_data: ClassVar[type] = eemeter.DailyBaselineData
    reporting_data: ClassVar[type] = eemeter.DailyReportingData

    @classmethod
    def fit_library(cls, series: Series, settings: MeterSettings, is_electricity: bool) -> Any:
        """The library's model of days."""
        rows = frame(series.dates, temperature=series.temperature, observed=series.energy)
        data = cls.baseline_data(rows, is_electricity_data=is_electricity)
        return cls.library_model().fit(data, ignore_disqualification=True)

    def predict(self, series: Series) -> Numbers:
        """Energy of consecutive days."""
        with quiet():
            data = self.reporting_data(frame(series.dates, temperature=series.temperature), is_electricity_data=False)
            predicted = self.fitted.predict(data, ignore_disqualification=True)["predicted"]
        return np.asarray(predicted, dtype=np.float64)
