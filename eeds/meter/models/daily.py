"""The daily model: energy of a day from its mean temperature, its season, and whether it is a working day."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from opendsm import eemeter  # type: ignore[import-untyped]

from eeds.meter.arrays import Numbers
from eeds.meter.models.library import FittedModel, fitting, frame, quiet, require_good_fit
from eeds.meter.series import Series


@dataclass(frozen=True)
class DailyModel(FittedModel):
    """A fitted model."""

    library_model: ClassVar[type] = eemeter.DailyModel
    baseline_data: ClassVar[type] = eemeter.DailyBaselineData
    reporting_data: ClassVar[type] = eemeter.DailyReportingData

    @classmethod
    def fit(cls, days: Series, *, is_electricity: bool, ignore_poor_fit: bool) -> Self:
        """Fit a model to the days of a series that has passed eeds.meter.sufficiency; raises NotFitted.

        The library's own check of sufficiency is passed over: it counts the last day as missing.
        """
        rows = frame(days.dates, temperature=days.temperature, observed=days.energy)
        with fitting(len(days.dates)):
            data = cls.baseline_data(rows, is_electricity_data=is_electricity)
            fitted = cls.library_model().fit(data, ignore_disqualification=True)
        if not ignore_poor_fit:
            require_good_fit(fitted)
        return cls(fitted)

    def predict(self, days: Series) -> Numbers:
        """Energy of consecutive days in the unit of the fit, NaN where the temperature is."""
        with quiet():
            data = self.reporting_data(frame(days.dates, temperature=days.temperature), is_electricity_data=False)
            predicted = self.fitted.predict(data, ignore_disqualification=True)["predicted"]
        return np.asarray(predicted, dtype=np.float64)
