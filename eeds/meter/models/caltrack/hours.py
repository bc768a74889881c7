"""CalTRACK's hourly methods: the time of week and temperature model of the hours of a period."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from eeds.meter.arrays import Indexes, Numbers
from eeds.meter.models.caltrack.time_of_week import Hours, MonthModel, TimeOfWeek, fit_time_of_week
from eeds.meter.models.hourly import local_index
from eeds.meter.models.library import FittedModel
from eeds.meter.series import Series
from eeds.meter.settings import MeterSettings


@dataclass(frozen=True)
class CaltrackHourlyModel(FittedModel):
    """A fitted model. It solves equations, so that `robust` changes nothing."""

    closed_form: ClassVar[bool] = True
    clauses: ClassVar[str] = "CalTRACK 2.0, 3.7-3.12 (hourly)"

    fitted: TimeOfWeek

    @classmethod
    def fit(
        cls,
        series: Series,
        settings: MeterSettings,
        *,
        is_electricity: bool,
        bill: Indexes | None = None,
        cools: bool = True,
    ) -> Self:
        """A model for each month; they respond to any temperature, whatever the fuel."""
        complete = series.select(series.complete)
        return cls(fit_time_of_week(hours_in(complete, settings.timezone)), settings.timezone)

    def predict(self, series: Series) -> Numbers:
        """Energy of hours; NaN also in an hour of the week that was not fitted around that month."""
        return self.fitted.predict(hours_in(series, self.timezone))

    @property
    def parameters(self) -> int:
        """The trace of the hat matrix: neighbouring months share hours."""
        return self.fitted.parameters

    def to_json(self) -> str:
        """The models of all months; null where an hour of the week has none."""
        months = {month + 1: as_json(model) for month, model in self.fitted.months.items()}
        return json.dumps({"status": "SUCCESS", "method_name": "caltrack_hourly", "months": months})


def as_json(model: MonthModel) -> dict[str, Any]:
    """A month's model in types that JSON has."""
    unoccupied = len(model.ends[0]) + 1
    return {
        "hour_of_week": [None if np.isnan(load) else load for load in model.load.tolist()],
        "occupied_hours": np.flatnonzero(model.occupied).tolist(),
        "unoccupied": {"bin_ends": model.ends[0], "slopes": model.slopes[:unoccupied].tolist()},
        "occupied": {"bin_ends": model.ends[1], "slopes": model.slopes[unoccupied:].tolist()},
    }


def hours_in(series: Series, timezone: str) -> Hours:
    """The hours of a series by the local clock and calendar."""
    local = local_index(series.start, timezone)
    hour = np.asarray(24 * local.dayofweek + local.hour, dtype=np.intp)
    return Hours(hour, np.asarray(local.month, dtype=np.intp) - 1, series.temperature, series.energy)
