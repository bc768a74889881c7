"""The billing model: the daily model of fewer parameters, fitted to days of which only the sums of bills are known."""

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from opendsm import eemeter  # type: ignore[import-untyped]

from eeds.meter.models.daily import DailyModel


class SpreadBills(eemeter.BillingBaselineData):  # type: ignore[misc]
    """Days with an even share of their bill each, as eeds.meter.bills gives them, in place of the library's own reading
    of bills: there a bill that is missing makes the one before it longer, so that both are lost."""

    def _compute_meter_value_df(self, df: pd.DataFrame) -> pd.DataFrame:
        return df[["observed"]].copy()


@dataclass(frozen=True)
class BillingModel(DailyModel):
    """A fitted model; it says as much of a day as a daily model does. It is fitted to even shares of bills."""

    library_model: ClassVar[type] = eemeter.BillingModel
    baseline_data: ClassVar[type] = SpreadBills
    reporting_data: ClassVar[type] = eemeter.BillingReportingData
