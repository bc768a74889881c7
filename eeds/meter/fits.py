"""A model of a trace in one period: fitted to the cells of a view, with its predictions for all of them and for the
normal year, and how sure they are."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from eeds.meter import sufficiency
from eeds.meter.arrays import Mask, Numbers
from eeds.meter.models.billing import fit_billing
from eeds.meter.models.daily import fit_daily
from eeds.meter.models.hourly import fit_hourly
from eeds.meter.models.library import NotFitted
from eeds.meter.names import is_electricity_consumption
from eeds.meter.series import Series, normal_year
from eeds.meter.settings import BILLING, DAILY, HOURLY, MeterSettings
from eeds.meter.types import Weather
from eeds.meter.uncertainty import FitStatistics, Predicted, of_bills, of_days, of_hours
from eeds.meter.views import Target, View

ALL = slice(None)


class Model(Protocol):
    """What the models have in common."""

    @property
    def parameters(self) -> int:
        """How many numbers were fitted."""

    def to_json(self) -> str:
        """The model as the library writes it."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A model with what it says, NaN where there is no temperature; energies in the trace's unit."""

    view: View
    model: Model
    predicted: Predicted  # the cells of the view, NaN also where it is not shown
    normal: Predicted  # the normal year
    statistics: FitStatistics


def fit_view(view: View, target: Target, weather: Weather, settings: MeterSettings) -> Fit:
    """Fit a model to its cells; raises NotFitted with the status of the trace."""
    require(sufficiency.obstacles(view, target))
    if not settings.ignore_disqualification:
        require(sufficiency.requirements(view, target), ignorable=True)
    fit = fit_hours if target.model == HOURLY else fit_days
    model, predicted, normal = fit(view, target, weather, settings)
    return Fit(view, model, predicted, normal, statistics_of(view, target, predicted, model.parameters))


def fit_days(
    view: View, target: Target, weather: Weather, settings: MeterSettings
) -> tuple[Model, Predicted, Predicted]:
    """A daily or billing model with what it says of the days of a view, and of the normal year."""
    cells, shown, (year, _) = view.cells, view.shown, normal_year(weather, settings.timezone, hourly=False)
    model = (fit_daily if target.model == DAILY else fit_billing)(
        cells.select(target.mask),
        is_electricity=is_electricity_consumption(view.trace.interpretation),
        ignore_poor_fit=settings.ignore_disqualification,
    )
    return model, said_of(cells, shown, model.predict(cells.select(shown))), said_of(year, ALL, model.predict(year))


def fit_hours(
    view: View, target: Target, weather: Weather, settings: MeterSettings
) -> tuple[Model, Predicted, Predicted]:
    """The same of hours."""
    cells, shown, (year, start) = view.cells, view.shown, normal_year(weather, settings.timezone, hourly=True)
    model = fit_hourly(
        cells.select(target.mask),
        view.start[target.mask],
        settings.timezone,
        seed=settings.seed,
        is_electricity=is_electricity_consumption(view.trace.interpretation),
        ignore_poor_fit=settings.ignore_disqualification,
    )
    said, normal = model.predict(cells.select(shown), view.start[shown]), model.predict(year, start)
    return model, said_of(cells, shown, said), said_of(year, ALL, normal)


def said_of(cells: Series, asked: Mask | slice, said: Numbers) -> Predicted:
    """What a model says of those days or hours that it was asked for."""
    energy = np.full(len(cells.dates), np.nan)
    energy[asked] = said
    return Predicted(cells.dates, cells.temperature, energy)


def require(criteria: list[sufficiency.Criterion], *, ignorable: bool = False) -> None:
    """Raises NotFitted with those that are not met."""
    failed = [criterion for criterion in criteria if criterion.disqualifies and not criterion.passed]
    if failed:
        raise NotFitted(sufficiency.status(failed, ignorable=ignorable))


def statistics_of(view: View, target: Target, predicted: Predicted, parameters: int) -> FitStatistics:
    """How well a model fits its cells."""
    measured, predicted = view.cells.energy[target.mask], predicted.select(target.mask)
    if target.model == BILLING:
        return of_bills(measured, view.row[target.mask], predicted, parameters)
    return (of_days if target.model == DAILY else of_hours)(measured, predicted, parameters)
