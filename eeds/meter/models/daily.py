"""The models of days. Daily: energy of a day from its mean temperature, its season, and whether it is a working day.
Billing: the same with fewer parameters, fitted to days of which only the sums of bills are known."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from opendsm import eemeter  # type: ignore[import-untyped]

from eeds.meter.arrays import Numbers
from eeds.meter.models.engine import COMPILED, engine
from eeds.meter.models.library import LibraryModel, drops_zeros, frame, quiet
from eeds.meter.series import Series
from eeds.meter.settings import MeterSettings


@dataclass(frozen=True)
class DailyModel(LibraryModel):
    """A fitted model."""

    library_model: ClassVar[type] = eemeter.DailyModel
    baseline_data: ClassVar[type] = eemeter.DailyBaselineData
    reporting_data: ClassVar[type] = eemeter.DailyReportingData

    @classmethod
    def fit_library(cls, series: Series, settings: MeterSettings, is_electricity: bool) -> Any:
        """The library's model of days."""
        rows = frame(series.dates, temperature=series.temperature, observed=series.energy)
        data = cls.data_of_engine()(rows, is_electricity_data=drops_zeros(series.energy, is_electricity))
        return cls.model_of_engine()().fit(data, ignore_disqualification=True)

    @classmethod
    def model_of_engine(cls) -> Any:
        """The class of the library's models that the engine of this process fits."""
        if engine() != COMPILED:
            return cls.library_model
        from eeds.meter.models.compiled.daily import COMPILED_MODELS  # knows only the versions that it was proven for

        return COMPILED_MODELS[cls.library_model]

    @classmethod
    def data_of_engine(cls) -> Any:
        """The class of the library's data that the engine of this process fits models to."""
        if engine() != COMPILED:
            return cls.baseline_data
        from eeds.meter.models.compiled.day_table import COMPILED_DATA

        return COMPILED_DATA[cls.baseline_data]

    @classmethod
    def restore(cls, model_json: str, settings: MeterSettings) -> Self:
        """The model that to_json wrote."""
        written = json.loads(model_json)
        written["settings"]["silent_developer_mode"] = True  # or the library prints that its own settings are unusual
        fitted = cls.model_of_engine().from_dict(written)
        del fitted.params.settings["silent_developer_mode"]
        return cls(fitted, settings.timezone)

    def predict(self, series: Series) -> Numbers:
        """Energy of consecutive days."""
        if engine() == COMPILED:
            from eeds.meter.models.compiled.daily import predict_days

            return predict_days(self.fitted, series.dates, series.temperature)
        with quiet():
            data = self.reporting_data(frame(series.dates, temperature=series.temperature), is_electricity_data=False)
            predicted = self.fitted.predict(data, ignore_disqualification=True)["predicted"]
        return np.asarray(predicted, dtype=np.float64)


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
