"""The library's data of days in less time: the table that it makes of days which are there one by one, without
the merges and the texts of dates by which it finds them."""

import numpy as np
import pandas as pd
from opendsm import eemeter  # type: ignore[import-untyped]
from opendsm.common import const  # type: ignore[import-untyped]
from opendsm.eemeter.common.data_processor_utilities import (  # type: ignore[import-untyped]
    compute_minimum_granularity,
)

from eeds.meter.models.daily import SpreadBills

DAY = np.timedelta64(1, "D")
A_YEAR = pd.date_range("2015-01-01", "2015-12-01", freq="MS")
A_WEEK = pd.date_range("2015-01-05", periods=7)  # from Monday on
SEASONS = A_YEAR.month_name().map(const.default_season_def).to_numpy(object)
KINDS_OF_DAYS = A_WEEK.day_name().map(const.default_weekday_weekend_def).to_numpy(object)


class DayTable:
    """What the library's data of days, which this comes before, do with a table of consecutive days."""

    def _merge_meter_temp(self, meter: pd.DataFrame, temp: pd.Series) -> pd.DataFrame:
        observed, index = meter["observed"], pd.DatetimeIndex(meter.index)
        if not index.equals(temp.index) or not is_consecutive(index) or observed.isna().all():
            return super()._merge_meter_temp(meter, temp)  # type: ignore[misc]
        return pd.DataFrame(
            {
                "season": SEASONS[index.month.to_numpy() - 1],
                "weekday_weekend": KINDS_OF_DAYS[index.dayofweek.to_numpy()],
                "temperature": temp,
                "observed": observed,
            },
            index=index,
        )


class CompiledDailyData(DayTable, eemeter.DailyBaselineData):  # type: ignore[misc]
    """The library's data of days to fit."""

    def _compute_meter_value_df(self, df: pd.DataFrame) -> pd.DataFrame:
        index = pd.DatetimeIndex(df.index)
        read = index[df["observed"].notna()]
        if not is_consecutive(index) or read.empty or compute_minimum_granularity(read, "daily") != "daily":
            return super()._compute_meter_value_df(df)
        return df[["observed"]].copy()


class CompiledBills(DayTable, SpreadBills):
    """Days with a share of their bill each."""


def is_consecutive(index: pd.DatetimeIndex) -> bool:
    """Whether these are days without a gap, none longer than another."""
    return str(index.tz) == "UTC" and bool(np.all(np.diff(index.tz_localize(None).to_numpy()) == DAY))


COMPILED_DATA = {eemeter.DailyBaselineData: CompiledDailyData, SpreadBills: CompiledBills}
