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
from eeds.meter.models.compiled.borrowed import borrowed, with_globals
from eeds.meter.models.compiled.optimizers import InitialGuessOptimizer, Optimizer
from eeds.meter.models.compiled.splits import SEASONS, Days, splits_of

OPTIMIZERS = {"Optimizer": Optimizer, "InitialGuessOptimizer": InitialGuessOptimizer}
FITS = {"fit_hdd_tidd_cdd": hdd_tidd_cdd, "fit_c_hdd_tidd": c_hdd_tidd, "fit_tidd": tidd}
FITTING = borrowed(fit_base_models, **{name: borrowed(module, **OPTIMIZERS)[name] for name, module in FITS.items()})
MODEL = borrowed(library, **{name: FITTING[name] for name in ("fit_initial_models_from_full_model", "fit_final_model")})


class CompiledDailyModel(eemeter.DailyModel):  # type: ignore[misc]
    """The library's daily model."""

    _fit_components = with_globals(library.DailyModel._fit_components, MODEL)
    _final_fit = with_globals(library.DailyModel._final_fit, MODEL)

    def _combinations(self) -> list[str]:
        number = {name: index for index, name in enumerate(SEASONS.values())}
        rows = self.df_meter
        self.days = Days(
            rows["temperature"].to_numpy(),
            rows["observed"].to_numpy(),
            rows["season"].map(number).to_numpy(),
            rows["day_of_week"].to_numpy(),
            self.combo_dictionary,
        )
        return splits_of(self.days, self.settings)

    def _meter_segment(self, component: str, meter: pd.DataFrame | None = None) -> pd.DataFrame:
        if meter is not None:
            return super()._meter_segment(component, meter)
        return self.df_meter.take(np.flatnonzero(self.days.part(component)))


class CompiledBillingModel(CompiledDailyModel, eemeter.BillingModel):  # type: ignore[misc]
    """The library's billing model."""


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
