"""A model of a trace in one period: fitted to the cells of a view, with its predictions for all of them and for the
normal year, and how sure they are."""

from dataclasses import dataclass

import numpy as np

from eeds.meter import sufficiency
from eeds.meter.models.billing import BillingModel
from eeds.meter.models.daily import DailyModel
from eeds.meter.models.hourly import HourlyModel
from eeds.meter.models.library import FittedModel, NotFitted
from eeds.meter.names import is_electricity_consumption
from eeds.meter.series import normal_year
from eeds.meter.settings import BILLING, DAILY, HOURLY, MeterSettings
from eeds.meter.types import Weather
from eeds.meter.uncertainty import FitStatistics, Predicted, of_bills, of_days, of_hours
from eeds.meter.views import Target, View


@dataclass(frozen=True, eq=False)
class Fit:
    """A model with its predictions, NaN where there is no temperature; energies in the trace's unit."""

    view: View
    model: FittedModel
    predicted: Predicted  # the cells of the view, NaN also where it is not shown
    normal: Predicted  # the normal year
    statistics: FitStatistics


def fit_view(view: View, target: Target, weather: Weather, settings: MeterSettings) -> Fit:
    """Fit a model to its cells; raises NotFitted with the status of the trace."""
    require(sufficiency.obstacles(view, target))
    if not settings.ignore_disqualification:
        require(sufficiency.requirements(view, target), ignorable=True)
    hourly, shown = target.model == HOURLY, view.shown
    year, start = normal_year(weather, settings.timezone, hourly=hourly)
    fitted, predicted = view.cells.select(target.mask), view.cells.select(shown)
    is_electricity = is_electricity_consumption(view.trace.interpretation)
    ignore_poor_fit = settings.ignore_disqualification
    model: FittedModel
    if hourly:
        model = HourlyModel.fit(
            fitted,
            view.start[target.mask],
            settings.timezone,
            seed=settings.seed,
            is_electricity=is_electricity,
            ignore_poor_fit=ignore_poor_fit,
        )
        energy, normal_energy = model.predict(predicted, view.start[shown]), model.predict(year, start)
    else:
        kind = DailyModel if target.model == DAILY else BillingModel
        model = kind.fit(fitted, is_electricity=is_electricity, ignore_poor_fit=ignore_poor_fit)
        energy, normal_energy = model.predict(predicted), model.predict(year)
    of_cells = np.full(len(shown), np.nan)
    of_cells[shown] = energy
    cells = Predicted(view.cells.dates, view.cells.temperature, of_cells)
    normal = Predicted(year.dates, year.temperature, normal_energy)
    return Fit(view, model, cells, normal, statistics_of(view, target, cells, model.parameters))


def require(criteria: list[sufficiency.Criterion], *, ignorable: bool = False) -> None:
    """Raises NotFitted with those that are not met."""
    failed = [criterion for criterion in criteria if criterion.disqualifies and not criterion.passed]
    if failed:
        raise NotFitted(sufficiency.status_of(failed, ignorable=ignorable))


def statistics_of(view: View, target: Target, predicted: Predicted, parameters: int) -> FitStatistics:
    """How well a model fits its cells."""
    measured, predicted = view.cells.energy[target.mask], predicted.select(target.mask)
    if target.model == BILLING:
        return of_bills(measured, view.row[target.mask], predicted, parameters)
    return (of_days if target.model == DAILY else of_hours)(measured, predicted, parameters)
