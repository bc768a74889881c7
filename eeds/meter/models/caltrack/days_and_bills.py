"""CalTRACK's daily and billing methods: the usage per day model of the days or bills of a period."""

import json
from abc import abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np

from eeds.meter.arrays import Indexes, Numbers
from eeds.meter.models.caltrack.usage_per_day import (
    LEAST_DAYS,
    LEAST_DEGREE_DAYS,
    Design,
    UsagePerDay,
    design_of_bills,
    design_of_days,
    fit_usage_per_day,
)
from eeds.meter.models.library import FittedModel, NotFitted
from eeds.meter.series import Series
from eeds.meter.settings import MeterSettings


@dataclass(frozen=True)
class UsagePerDayModel(FittedModel):
    """A fitted model of days, whatever it was fitted to. It solves equations, so that `robust` changes nothing."""

    closed_form: ClassVar[bool] = True
    interval: ClassVar[str]

    fitted: UsagePerDay

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
        """The candidate that is selected (3.4.3). If none qualifies, a run that ignores disqualification has one with a
        negative base load."""
        design = cls.design(series, bill)
        found = fit_usage_per_day(design, cools=cools)
        if found is None and settings.ignore_disqualification:
            found = fit_usage_per_day(design, cools=cools, any_intercept=True)
        if found is None:
            raise NotFitted(
                "NOT FITTED: no model qualifies (CalTRACK 3.4.3.2), for the mean use is negative. Look for generation "
                "behind the meter, or set ignore_disqualification to have a model all the same."
            )
        return cls(found, settings.timezone)

    @classmethod
    @abstractmethod
    def design(cls, series: Series, bill: Indexes | None) -> Design:
        """What is fitted of the days of a series."""

    def predict(self, series: Series) -> Numbers:
        """Energy of days (3.6.1)."""
        return self.fitted.predict(series.temperature)

    @property
    def parameters(self) -> int:
        """The coefficients, and the balance points that were searched for."""
        return 1 + 2 * self.fitted.explanatory

    def to_json(self) -> str:
        """The model in the form that the library had for models by these methods (caltrack_usage_per_day)."""
        return json.dumps(self.as_library_had_it())

    def as_library_had_it(self) -> dict[str, Any]:
        """In types that JSON has."""
        heats, cools = self.fitted.heating_balance_point is not None, self.fitted.cooling_balance_point is not None
        model_type = {
            (False, False): "intercept_only",
            (True, False): "hdd_only",
            (False, True): "cdd_only",
            (True, True): "cdd_hdd",
        }[heats, cools]
        of_term = {"beta_hdd": heats, "heating_balance_point": heats, "beta_cdd": cools, "cooling_balance_point": cools}
        parameters = {
            name: value for name, value in asdict(self.fitted).items() if of_term.get(name, name == "intercept")
        }
        least = {"minimum_non_zero": LEAST_DAYS if self.interval == "daily" else 0, "minimum_total": LEAST_DEGREE_DAYS}
        return {
            "status": "SUCCESS",
            "method_name": "caltrack_usage_per_day",
            "interval": self.interval,
            "model": {
                "model_type": model_type,
                "status": "QUALIFIED",
                "model_params": parameters,
                "r_squared_adj": self.fitted.r_squared_adj,
            },
            "r_squared_adj": self.fitted.r_squared_adj,
            "settings": {f"{name}_{kind}": value for name, value in least.items() for kind in ("hdd", "cdd")},
        }


@dataclass(frozen=True)
class CaltrackDailyModel(UsagePerDayModel):
    """Fitted to days."""

    interval: ClassVar[str] = "daily"
    clauses: ClassVar[str] = "CalTRACK 2.0, 3.1-3.6 (daily)"

    @classmethod
    def design(cls, series: Series, bill: Indexes | None) -> Design:
        """Of its complete days."""
        days = series.select(series.complete)
        return design_of_days(days.energy, days.temperature)


@dataclass(frozen=True)
class CaltrackBillingModel(UsagePerDayModel):
    """Fitted to bills."""

    interval: ClassVar[str] = "billing"
    clauses: ClassVar[str] = "CalTRACK 2.0, 3.1-3.6 (billing)"

    @classmethod
    def design(cls, series: Series, bill: Indexes | None) -> Design:
        """Of the bills that its complete days lie in."""
        number = np.zeros(len(series.dates), dtype=np.intp) if bill is None else bill
        days = series.select(series.complete)
        return design_of_bills(days.energy, days.temperature, number[series.complete])
