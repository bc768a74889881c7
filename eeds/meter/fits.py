"""A model of a trace in one period: fitted to the cells of a view, with its predictions for all of them and for the
normal year, and how sure they are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eeds.meter import sufficiency
from eeds.meter.criteria import Criterion
from eeds.meter.fit_quality import require_good_fit
from eeds.meter.kept import NOTHING_KEPT, Kept, KeptFit, fit_hash
from eeds.meter.limits import limits_of
from eeds.meter.models.caltrack.days_and_bills import CaltrackBillingModel, CaltrackDailyModel
from eeds.meter.models.caltrack.hours import CaltrackHourlyModel
from eeds.meter.models.daily import BillingModel, DailyModel
from eeds.meter.models.hourly import HourlyModel
from eeds.meter.models.library import FittedModel, NotFitted, computing
from eeds.meter.names import is_electricity_consumption, may_cool
from eeds.meter.robust import fit_robustly
from eeds.meter.series import FitFacts, Series, normal_year
from eeds.meter.settings import BILLING, CALTRACK, DAILY, EEMETER, HOURLY, MeterSettings
from eeds.meter.types import Weather
from eeds.meter.uncertainty import DAY_HOURS, FitStatistics, of_bills, of_cells
from eeds.meter.views import Target, View

Made = tuple[FittedModel, float | None]  # and the spread of a robust fit
MODELS: dict[tuple[str, str], type[FittedModel]] = {
    (EEMETER, DAILY): DailyModel,
    (EEMETER, BILLING): BillingModel,
    (EEMETER, HOURLY): HourlyModel,
    (CALTRACK, DAILY): CaltrackDailyModel,
    (CALTRACK, BILLING): CaltrackBillingModel,
    (CALTRACK, HOURLY): CaltrackHourlyModel,
}


@dataclass(frozen=True, eq=False)
class Fit:
    """A model with its predictions, NaN where there is no temperature; energies in the trace's unit."""

    view: View
    target: Target
    model: FittedModel
    predicted: Series  # the cells of the view, NaN also where it is not shown
    normal: Series  # the normal year
    statistics: FitStatistics
    key: str  # fit_hash
    numerical_spread: float | None  # of a robust fit


def fit_view(
    view: View,
    target: Target,
    criteria: Sequence[Criterion],
    weather: Weather,
    settings: MeterSettings,
    kept: Kept = NOTHING_KEPT,
) -> Fit:
    """Fit a model to its cells, whose criteria are given, or take the fit that was kept; raises NotFitted with the
    status of the trace."""
    require(criteria, settings)
    facts = facts_of(view, target)
    kind, fitted, shown = MODELS[target.method, target.model], view.cells.select(target.mask), view.shown
    asked, year = view.cells.select(shown), normal_year(weather, settings.timezone, hourly=target.model == HOURLY)
    key = fit_hash(target.name, fitted, (asked, year), settings, facts)
    energy = np.full(len(shown), np.nan)
    with computing(f"the {target.name} model could not be fitted"):
        model, spread = restored(kind, kept.get(key), settings) or make(kind, fitted, asked, year, settings, facts)
    with computing(f"the {target.name} model could not predict"):
        energy[shown] = model.predict(asked)
        normal = replace(year, energy=model.predict(year))
    predicted = replace(view.cells, energy=energy)
    statistics = statistics_of(view, target, predicted, model.parameters)
    if not settings.ignore_disqualification:
        require_good_fit(statistics, fitted.energy, settings.cvrmse_threshold, limits_of(target.model))
    return Fit(view, target, model, predicted, normal, statistics, key, spread)


def facts_of(view: View, target: Target) -> FitFacts:
    """What a fit of these cells has to know of their trace."""
    interpretation = view.trace.interpretation
    return FitFacts(
        is_electricity=is_electricity_consumption(interpretation),
        cools=may_cool(interpretation),
        bill=view.row[target.mask] if target.model == BILLING else None,
    )


def restored(kind: type[FittedModel], kept: KeptFit | None, settings: MeterSettings) -> Made | None:
    """A fit that was kept."""
    model = kind.restore(kept.model_json, settings) if kept else None
    return (model, kept.numerical_spread) if model and kept else None


def make(
    kind: type[FittedModel],
    fitted: Series,
    asked: Series,
    year: Series,
    settings: MeterSettings,
    facts: FitFacts,
) -> Made:
    """A fit as the settings want it."""
    if kind.closed_form or not settings.robust:
        return kind.fit(fitted, settings, facts), None
    robust = fit_robustly(kind, fitted, asked, year, settings, facts)
    return robust.model, robust.numerical_spread


def require(criteria: Sequence[Criterion], settings: MeterSettings) -> None:
    """Raises NotFitted with those that rule out a model and are not met."""
    obstacles = [each for each in criteria if each.is_obstacle and not each.passed]
    others = [each for each in criteria if each.disqualifies and not each.passed]
    failed = obstacles or ([] if settings.ignore_disqualification else others)
    if failed:
        raise NotFitted(sufficiency.status_of(failed, ignorable=not obstacles))


def statistics_of(view: View, target: Target, predicted: Series, parameters: int) -> FitStatistics:
    """How well a model fits its cells."""
    measured, predicted = view.cells.energy[target.mask], predicted.select(target.mask)
    if target.model == BILLING:
        return of_bills(measured, view.row[target.mask], predicted, parameters)
    return of_cells(measured, predicted, parameters, DAY_HOURS if target.model == HOURLY else 1)
