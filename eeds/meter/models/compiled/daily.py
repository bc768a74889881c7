"""The library's daily and billing model with compiled objectives. The steps of a fit, their order and every number are
the library's; between them days are kept in arrays instead of tables."""

from typing import Any

import numpy as np
import pandas as pd
from opendsm import eemeter  # type: ignore[import-untyped]
from opendsm.eemeter.models.daily import fit_base_models  # type: ignore[import-untyped]
from opendsm.eemeter.models.daily import model as library
from opendsm.eemeter.models.daily.base_models import (  # type: ignore[import-untyped]
    c_hdd_tidd,
    hdd_tidd_cdd,
    tidd,
)

from eeds.meter.arrays import Dates, Numbers
from eeds.meter.models.borrowed import borrowed, with_globals
from eeds.meter.models.compiled.optimizers import InitialGuessOptimizer, Optimizer
from eeds.meter.models.compiled.splits import NO_SPLIT, SEASONS, Days, splits_of

COLUMNS = ("temperature", "observed")
OPTIMIZERS = {"Optimizer": Optimizer, "InitialGuessOptimizer": InitialGuessOptimizer}
FITS = {"fit_hdd_tidd_cdd": hdd_tidd_cdd, "fit_c_hdd_tidd": c_hdd_tidd, "fit_tidd": tidd}
FITTING = borrowed(fit_base_models, **{name: borrowed(module, **OPTIMIZERS)[name] for name, module in FITS.items()})
MODEL = borrowed(library, **{name: FITTING[name] for name in ("fit_initial_models_from_full_model", "fit_final_model")})


class CompiledDailyModel(eemeter.DailyModel):  # type: ignore[misc]
    """The library's daily model."""

    days: Days | None = None  # of a fit in arrays

    _fit_components = with_globals(library.DailyModel._fit_components, MODEL)
    _final_fit = with_globals(library.DailyModel._final_fit, MODEL)

    def _fit(self, meter_data: pd.DataFrame) -> Any:
        self.days = self._days(meter_data) if is_plain(meter_data) else None
        if self.days is None:
            return super()._fit(meter_data)
        self.combinations = splits_of(self.days, self.settings)
        self.components = self._components()
        self.fit_components = self._fit_components()
        self.wRMSE_base = self._get_error_metrics(NO_SPLIT).wrmse
        self.best_combination = self._best_combination()
        self.model = self._final_fit(self.best_combination)
        self.id = meter_data.index[0]
        self.baseline_metrics = self._get_error_metrics(self.best_combination)
        self.params = self._create_params_from_fit_model()
        self.is_fitted = True
        return self

    def _days(self, meter_data: pd.DataFrame) -> Days:
        """The days with a temperature and an energy, as the library's _initialize_data finds them."""
        dates = pd.DatetimeIndex(meter_data.index)
        temperature, observed = (meter_data[name].to_numpy() for name in COLUMNS)
        there = np.isfinite(temperature) & np.isfinite(observed)
        number = {name: index for index, name in enumerate(SEASONS.values())}
        season = np.array([-1, *(number[self.settings.season._num_dict[month]] for month in range(1, 13))])
        return Days(
            temperature[there],
            observed[there],
            season[dates.month.to_numpy()[there]],
            dates.dayofweek.to_numpy()[there] + 1,
            self.combo_dictionary,
        )

    def _meter_segment(self, component: str, meter: pd.DataFrame | None = None) -> pd.DataFrame:
        if meter is not None or self.days is None:
            return super()._meter_segment(component, meter)
        part = self.days.part(component)
        return pd.DataFrame({"temperature": self.days.temperature[part], "observed": self.days.observed[part]})


def is_plain(meter_data: pd.DataFrame) -> bool:
    """Whether these are days in order with a temperature and an energy, and nothing else that counts: the library
    leaves out days that lack anything."""
    index = meter_data.index
    others = [name for name in meter_data.columns if name not in COLUMNS]
    return (
        isinstance(index, pd.DatetimeIndex)
        and index.is_monotonic_increasing
        and "weights" not in others
        and not meter_data[others].isna().to_numpy().any()
        and all(meter_data[name].dtype == np.float64 for name in COLUMNS)
    )


class CompiledBillingModel(CompiledDailyModel, eemeter.BillingModel):  # type: ignore[misc]
    """The library's billing model."""


COMPILED_MODELS = {eemeter.DailyModel: CompiledDailyModel, eemeter.BillingModel: CompiledBillingModel}


def predict_days(model: Any, dates: Dates, temperature: Numbers) -> Numbers:
    """The energy of days by a fitted daily or billing model of the library, NaN where the temperature is."""
    month = dates.astype("datetime64[M]").astype(int) % 12 + 1
    weekday = (dates.astype("datetime64[D]").astype(int) + 3) % 7 + 1
    seasons = model.settings.season._num_dict
    season = np.array([seasons[number] for number in month])
    predicted = np.full(len(dates), np.nan)
    for part, submodel in model.params.submodels.items():
        days = np.isfinite(temperature) & np.isin(weekday, model.combo_dictionary[part[:2]])
        days &= np.isin(season, [model.combo_dictionary[name] for name in part[3:].split("_")])
        predicted[days] = model._predict_submodel(submodel, temperature[days])[0]
    return predicted
