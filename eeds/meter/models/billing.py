"""The billing model: the daily model of fewer parameters, fitted to days of which only the sums of bills are known."""

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from opendsm import eemeter  # type: ignore[import-untyped]

from eeds.meter.models.daily import DailyModel
from eeds.meter.models.library import fitting, frame, require_good_fit
from eeds.meter.series import Series


class SpreadBills(eemeter.BillingBaselineData):  # type: ignore[misc]
    """Days with an even share of their bill each, as eeds.meter.bills gives them, in place of the library's own reading
    of bills: there a bill that is missing makes the one before it longer, so that both are lost."""

    def _compute_meter_value_df(self, df: pd.DataFrame) -> pd.DataFrame:
        return df[["observed"]].copy()


@dataclass(frozen=True)
class BillingModel(DailyModel):
    """A fitted model; it says as much of a day as a daily model does."""

    asked: ClassVar[type] = eemeter.BillingReportingData


def fit_billing(days: Series, *, is_electricity: bool, ignore_poor_fit: bool) -> BillingModel:
    """Fit a model to days with even shares of their bills that have passed eeds.meter.sufficiency; raises NotFitted."""
    rows = frame(days.dates, temperature=days.temperature, observed=days.energy)
    with fitting(len(days.dates)):
        data = SpreadBills(rows, is_electricity_data=is_electricity)
        fitted = eemeter.BillingModel().fit(data, ignore_disqualification=True)
    if not ignore_poor_fit:
        require_good_fit(fitted)
    return BillingModel(fitted)
