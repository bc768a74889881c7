"""The proof that a worker has before its first job that the compiled engine finds what the library finds, on this
machine and with these versions: toys computed both ways, compared bit by bit."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numba.core.errors import NumbaError
from opendsm.common.stats.adaptive_loss import adaptive_weights  # type: ignore[import-untyped]
from opendsm.eemeter.models.daily.base_models import (  # type: ignore[import-untyped]
    c_hdd_tidd,
    hdd_tidd_cdd,
    tidd,
)
from opendsm.eemeter.models.daily.objective_function import obj_fcn_decorator  # type: ignore[import-untyped]
from opendsm.eemeter.models.daily.utilities.settings import DailySettings  # type: ignore[import-untyped]
from opendsm.eemeter.models.hourly.model import _fit_exp_growth_decay  # type: ignore[import-untyped]
from opendsm.eemeter.models.hourly.settings import AdaptiveWeightsSettings  # type: ignore[import-untyped]

from eeds.meter.models.compiled import hourly
from eeds.meter.models.compiled.objective import mean_loss
from eeds.meter.models.compiled.optimizers import component_behind
from eeds.meter.models.daily import BillingModel
from eeds.meter.models.engine import COMPILED, ENGINES, LIBRARY, choose, using
from eeds.meter.models.library import LIBRARY_FAILURES
from eeds.meter.models.toy import toy
from eeds.meter.series import FitFacts
from eeds.meter.settings import MeterSettings

TRIES = 3
SMOOTH_TWO = ["hdd_bp", "hdd_beta", "hdd_k", "cdd_bp", "cdd_beta", "cdd_k", "intercept"]
TWO = ["hdd_bp", "hdd_beta", "cdd_bp", "cdd_beta", "intercept"]
SMOOTH_ONE = ["c_hdd_bp", "c_hdd_beta", "c_hdd_k", "intercept"]
ONE = ["c_hdd_bp", "c_hdd_beta", "intercept"]
# The forms of a component with the library's functions of them, and coefficients of each.
FORMS: list[tuple[list[str], Any, Any, list[float]]] = [
    (
        SMOOTH_TWO,
        hdd_tidd_cdd.evaluate_hdd_tidd_cdd_smooth,
        hdd_tidd_cdd._hdd_tidd_cdd_smooth_weight,
        [52, 1.1, 0.2, 71, 0.9, 0.3, 20],
    ),
    (TWO, hdd_tidd_cdd._hdd_tidd_cdd, hdd_tidd_cdd._hdd_tidd_cdd_weight, [54, 0.9, 69, 1.2, 21]),
    (SMOOTH_ONE, c_hdd_tidd._c_hdd_tidd_smooth, c_hdd_tidd._c_hdd_tidd_smooth_weight, [57, -0.8, 4, 22]),
    (ONE, c_hdd_tidd._c_hdd_tidd, c_hdd_tidd._c_hdd_tidd_weight, [66, 0.7, 23]),
    (["intercept"], tidd._tidd, tidd._tidd_weight, [30]),
]


def prove() -> None:
    """Make the library the engine of this process if it is not proven that the compiled one finds the same."""
    try:
        found = difference()
    except (*LIBRARY_FAILURES, NumbaError, OSError) as error:  # of the compiler and its files
        choose(LIBRARY, f"the compiled engine fails: {error!r}")
        return
    if found:
        choose(LIBRARY, f"the compiled engine differs from it in {found}")


def difference() -> str:
    """The first thing in which the compiled engine differs from the library; empty if it is the same."""
    for what, compiled, library in (*losses(), *hourly_parts(), *fits()):
        if np.asarray(compiled).tobytes() != np.asarray(library).tobytes():
            return what
    return ""


def losses() -> Iterator[tuple[str, Any, Any]]:
    """Of all forms at a few coefficients each, with penalty and with adaptive weights."""
    series, usual = toy(), DailySettings()
    final = DailySettings(developer_mode=True, silent_developer_mode=True, regularization_alpha=0.0)
    for names, model, weight, coefficients in FORMS:
        for settings, alpha in ((usual, usual.alpha_selection), (final, final.alpha_final)):
            objective = obj_fcn_decorator(
                model, weight, None, series.temperature, series.energy, None, settings, alpha, names
            )
            component = component_behind(objective, names, settings)
            if component is None:
                continue
            component.facts["free"][0, : len(names)] = range(len(names))
            for number in range(TRIES):
                tried = np.array(coefficients) * (1 + number / 50)
                loss = mean_loss(tried, component.facts, component.days)
                yield f"the loss of {', '.join(names)}", loss, objective(tried)


def hourly_parts() -> Iterator[tuple[str, Any, Any]]:
    """What is compiled of the hourly model."""
    series, settings = toy(), AdaptiveWeightsSettings()
    x = {"alpha": "adaptive", "sigma": settings.sigma, "quantile": 0.25, "min_weight": 0.0, "C_algo": settings.c_algo}
    found = hourly.adaptive_weights(series.energy, **x), adaptive_weights(series.energy, **x)
    for compiled, library in zip(*found, strict=True):
        yield "the weights of hours", compiled, library
    warmth, energy = np.sort(series.temperature) / 90, series.energy
    rate = hourly.fit_growth(warmth, energy, is_x_sorted=True)[2]
    yield "the growth of an hour", rate, _fit_exp_growth_decay(warmth, energy, is_x_sorted=True)[2]


def fits() -> Iterator[tuple[str, Any, Any]]:
    """A model of bills, all of it and its predictions."""
    series, settings = toy(), MeterSettings(ignore_disqualification=True)
    month = np.minimum(np.arange(len(series.dates)) // 30, 11)
    bills = replace(series, energy=(np.bincount(month, series.energy) / np.bincount(month))[month])
    found = {}
    for name in ENGINES:
        with using(name):
            model = BillingModel.fit(bills, settings, FitFacts(is_electricity=True))
            found[name] = model.to_json(), model.predict(series)
    names = ("the model of bills", "its predictions")
    yield from zip(names, found[COMPILED], found[LIBRARY], strict=True)
