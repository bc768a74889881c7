"""The library's optimizers with the objective compiled, if it is one that is. NLopt is called as the library calls it
(NLoptOptimizer in the library's optimize.py); what is not made for it is left to the library."""

from collections.abc import Callable, Mapping
from inspect import getclosurevars
from typing import Any

import nlopt  # type: ignore[import-untyped]
import numpy as np
from opendsm.eemeter.models.daily import optimize  # type: ignore[import-untyped]
from opendsm.eemeter.models.daily.utilities.opt_settings import (  # type: ignore[import-untyped]
    StopCriteriaChoice,
)

from eeds.meter.arrays import Numbers
from eeds.meter.models.compiled import balance_points, component
from eeds.meter.models.compiled.component import Component, Facts, component_of
from eeds.meter.models.compiled.energy import FORMS, TWO, TWO_SMOOTH, energy, full_coefficients
from eeds.meter.models.compiled.objective import mean_loss
from eeds.meter.models.compiled.result import Result
from eeds.meter.models.compiled.sums import MOST

FEWEST = 3  # days that an objective is compiled for
NLOPT_FAILURES = (nlopt.RoundoffLimited, nlopt.ForcedStop, RuntimeError, ValueError)
Loss = Callable[[Numbers, Facts, Numbers], float]


class Optimizer(optimize.Optimizer):  # type: ignore[misc]
    """Of the coefficients of a component."""

    def run(self) -> Any:
        """The library's result."""
        made = component_behind(self.obj_fcn, self.coef_id, self.settings)
        if made is None or not is_usual(self.opt_settings):
            return super().run()
        free = np.flatnonzero(self.bnds[:, 0] < self.bnds[:, 1])
        start = np.clip(self.x0, self.bnds[:, 0], self.bnds[:, 1])
        made.facts["coefficients"][0, : len(start)] = self.x0
        made.facts["free"][0, : len(free)] = free
        chosen, calls = minimize(mean_loss, made.facts, made.days, start[free], self.bnds[free], self.opt_settings)
        if made.facts["failed"][0]:
            return super().run()
        return self.result(made, chosen, calls)

    def result(self, made: Component, chosen: Numbers, calls: int) -> Result:
        """Of the coefficients that the optimizer has chosen."""
        loss = mean_loss(chosen, made.facts, made.days)  # leaves residuals and weights of these
        facts = made.facts[0]
        coefficients = facts["coefficients"][: facts["form"]].copy()
        temperature, resid = made.row(component.TEMPERATURE), made.row(component.RESIDUAL)
        weight = np.ones(len(temperature))
        if facts["adaptive"]:
            weight[made.row(component.ORDER).astype(np.intp)] = made.row(component.SORTED_WEIGHT)
        model = energy(facts["form"], full_coefficients(coefficients), temperature, facts["extremes"])
        return Result(coefficients, self, temperature, model, weight, resid, loss, calls)


class InitialGuessOptimizer(optimize.InitialGuessOptimizer):  # type: ignore[misc]
    """Of a first guess of the balance points."""

    def run(self) -> Any:
        """The library's result."""
        known = getclosurevars(self.obj_fcn).nonlocals
        free = self.bnds[:, 0] < self.bnds[:, 1]
        if len(free) != 2 or not free.all() or known["alpha"] != 2 or not is_usual(self.settings, "nlopt_direct"):
            return super().run()
        temperature, observed = known["T"], known["obs"]
        if not are_usual(temperature, observed):
            return super().run()
        lasso = getclosurevars(known["lasso_penalty"]).nonlocals["lasso_a"]
        facts = balance_points.guess_facts(temperature, observed, lasso, known["min_T_idx"])
        days = np.vstack([temperature, observed, np.empty(len(temperature))])
        start = np.clip(self.x0, self.bnds[:, 0], self.bnds[:, 1])
        points, calls = minimize(balance_points.guess_loss, facts, days, start, self.bnds, self.settings)
        if facts["failed"][0]:
            return super().run()
        found = optimize.BaseOptimizedResult()
        found.x, found.nfev, found.success = points, calls, True
        return found


def component_behind(objective: Callable[..., Any], names: list[str], settings: Any) -> Component | None:
    """What the library's objective knows, for the compiled one; None if there is none of its kind."""
    known = getclosurevars(objective).nonlocals
    if not is_compiled(known, len(names), settings):
        return None
    return component_of(
        known["T"],
        known["obs"],
        form=len(names),
        regularized=settings.regularization_alpha != 0,
        lasso=settings.regularization_percent_lasso * settings.regularization_alpha,
        segment_minimum_count=settings.segment_minimum_count,
        adaptive=known["alpha"] == "adaptive",
        sigma=known["sigma"],
        quantile=known["quantile"],
        min_weight=known["min_weight"],
    )


def is_compiled(known: Mapping[str, Any], form: int, settings: Any) -> bool:
    """Whether the compiled objective is of this kind."""
    alpha, regularized = known["alpha"], settings.regularization_alpha != 0
    if alpha == "adaptive":
        penalized = not regularized
    else:
        lasso_only = settings.regularization_percent_lasso == 1 and form in (TWO_SMOOTH, TWO)
        penalized = alpha == 2 and (not regularized or lasso_only)
    return (
        penalized
        and form in FORMS
        and known["base_weights"] is None
        and "r_squared" not in settings.split_selection.criteria
        and are_usual(known["T"], known["obs"])
    )


def are_usual(temperature: Numbers, observed: Numbers) -> bool:
    """Whether compiled sums can add them."""
    return (
        temperature.dtype == observed.dtype == np.float64
        and FEWEST <= len(temperature) <= MOST
        and bool(np.isfinite(temperature).all() and np.isfinite(observed).all())
    )


def is_usual(settings: Any, algorithm: str = "nlopt_sbplx") -> bool:
    """Whether NLopt is to be called with an algorithm and a limit of evaluations."""
    return bool(settings.algorithm == algorithm and settings.stop_criteria_type == StopCriteriaChoice.ITERATION_MAXIMUM)


def minimize(
    loss: Loss, facts: Facts, days: Numbers, start: Numbers, bounds: Numbers, settings: Any
) -> tuple[Numbers, int]:
    """Where NLopt finds the least loss from a start, (k,), within bounds, (k, 2), and after how many evaluations."""
    low, high = np.ascontiguousarray(bounds.T)
    farthest = np.max(np.abs(bounds.T - start), axis=0)
    step = np.clip((high - low) * settings.initial_step, -farthest, farthest)
    first = start + step
    np.putmask(step, (first < low) | (first > high), -step)
    search = nlopt.opt(optimize.nlopt_algorithms[settings.algorithm], len(start))
    search.set_min_objective(lambda tried, gradient: loss(tried, facts, days))
    search.set_maxeval(int(settings.stop_criteria_value) - 1)
    search.set_xtol_rel(settings.x_tol_rel)
    search.set_ftol_rel(settings.f_tol_rel)
    search.set_lower_bounds(low)
    search.set_upper_bounds(high)
    search.set_initial_step(step)
    try:
        return search.optimize(start), search.get_numevals()
    except NLOPT_FAILURES:
        facts["failed"] = True  # the library's own objective says why
        return start, search.get_numevals()
