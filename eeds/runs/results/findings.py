"""The results of a project's runs: the newest ones, one of them in full, and the runs themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find, visible
from eeds.db.array_parameters import among
from eeds.db.tables import (
    ConsumptionMetadata,
    EnergyTraceModelResult,
    ModelingPeriod,
    Project,
    ProjectResult,
    ProjectRun,
    SavingsAggregation,
    TimeSeries,
)
from eeds.errors import NotFound
from eeds.formats.values import parse_int
from eeds.meter.names import ALL_FUELS, INTERPRETATIONS, SUPPLIED
from eeds.meter.settings import BILLING
from eeds.runs.results.retention import dropped_text
from eeds.runs.results.savings import both_methods, savings_of

MAX_SHOWN = 20
Values = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """A result with its savings, in sum and of every trace."""

    result: ProjectResult
    confidence_level: float | None
    aggregations: Sequence[Values]
    traces: Sequence[Values]  # as savings_of has them, with what finding_of adds
    station: str | None
    timezone: str | None  # of its days

    @property
    def sums(self) -> Sequence[Values]:
        """The aggregations that have savings; those of all fuels only where that is more than one fuel."""
        sums = [sum for sum in self.aggregations if sum["metered_savings"] or sum["normalized_savings"]]
        names = {sum["trace_interpretation"] for sum in sums}
        is_one_fuel = len(names & {INTERPRETATIONS[name] for name in SUPPLIED}) == 1
        return [sum for sum in sums if not (is_one_fuel and sum["trace_interpretation"] == ALL_FUELS)]

    @property
    def why_no_series(self) -> str:
        """Why there is nothing to draw."""
        return dropped_text(self.result) or "This result has no series to draw."

    @property
    def confidence(self) -> str:
        """The confidence of the bounds, in words."""
        level = self.confidence_level
        return "confidence not known" if level is None else f"{level * 100:g} % confidence"


def results_of(session: Session, principal: Principal, project: Project) -> Sequence[ProjectResult]:
    """The newest results of the project."""
    own = select(ProjectResult).where(ProjectResult.project_id == project.id, visible(principal, ProjectResult))
    return session.scalars(own.order_by(ProjectResult.id.desc()).limit(MAX_SHOWN)).all()


def choose_result(session: Session, principal: Principal, project: Project, text: str) -> ProjectResult | None:
    """The result of the project with that id, the newest if it is no id, None if there is none; raises NotFound."""
    id = parse_int(text)
    if id is None:
        return next(iter(results_of(session, principal, project)), None)
    result = find(session, principal, ProjectResult, id)
    if result.project_id != project.id:
        raise NotFound
    return result


def finding_of(session: Session, result: ProjectResult) -> Finding:
    """The result in full, of each trace also `label`, `is_stored`, `has_series`, `resolution`, `models` by period, and
    `flags`: six statements, however many traces."""
    savings = savings_of(session, result.id)
    labels, series, models = labels_of(session, result), series_of(session, result), models_of(session, result)
    provenance = result.provenance or {}
    for trace in savings["traces"]:
        id = trace["energy_trace"]
        trace |= {
            "label": labels.get(id),
            "is_stored": id in labels,
            "has_series": id in series,
            "resolution": series.get(id) or resolution_of(models.get(id, {})),
            "models": models.get(id, {}),
            "flags": periods_of_flags(models.get(id, {})),
        }
    return Finding(
        result,
        confidence_level_of(result),
        savings["aggregations"],
        savings["traces"],
        provenance.get("weather", {}).get("station"),
        settings_of(result).get("timezone"),
    )


def confidence_level_of(result: ProjectResult) -> float | None:
    """The confidence level of the result's bounds, as 0.9; None for one without settings."""
    level: float | None = settings_of(result).get("confidence_level")
    return level


def settings_of(result: ProjectResult) -> Values:
    """The settings of the run that computed it, defaults included."""
    settings: Values = (result.provenance or {}).get("settings", {})
    return settings


def labels_of(session: Session, result: ProjectResult) -> Mapping[int, str | None]:
    """The labels of the project's traces that are still stored, by id."""
    trace = ConsumptionMetadata
    rows = session.execute(select(trace.id, trace.label).where(trace.project_id == result.project_id))
    return {row.id: row.label for row in rows}


def series_of(session: Session, result: ProjectResult) -> Mapping[int, str]:
    """The resolution of the time series, by id of its trace."""
    rows = session.execute(
        select(TimeSeries.energy_trace_id, TimeSeries.resolution).where(
            TimeSeries.series_set_id == result.series_set_id
        )
    )
    return {row.energy_trace_id: row.resolution for row in rows}


def resolution_of(models: Mapping[str, Any]) -> str | None:
    """The resolution of a trace whose series are not kept, from the names of its models, as `caltrack hourly`."""
    names = [model.model.split()[-1] for model in models.values() if model.model]
    return BILLING if BILLING in names else next(iter(names), None)


def models_of(session: Session, result: ProjectResult) -> Mapping[int, Mapping[str, Any]]:
    """The models by trace and period (baseline, reporting), without their parameters."""
    model = EnergyTraceModelResult
    names = ("status", "r2", "cvrmse", "n", "nmbe", "nmbe_limit", "cvrmse_limit", "model", "flags")
    figures = (getattr(model, name) for name in names)
    rows = session.execute(
        select(model.energy_trace_id, ModelingPeriod.interpretation, *figures)
        .join(ModelingPeriod, ModelingPeriod.id == model.modeling_period_id)
        .where(model.project_result_id == result.id)
        .order_by(model.id)
    )
    models: dict[int, dict[str, Any]] = {}
    for row in rows:
        models.setdefault(row.energy_trace_id, {})[row.interpretation.lower()] = row
    return models


def periods_of_flags(models: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """What was done to the readings of a trace or is worth a look in them, with the periods of which it is said."""
    periods: dict[str, list[str]] = {}
    for period, model in models.items():
        for flag in model.flags or ():
            periods.setdefault(flag, []).append(period)
    return periods


def sums_of(session: Session, results: Sequence[ProjectResult]) -> Mapping[int, Values]:
    """The total savings of each result, by its id: of all fuels, else of the first interpretation that it has."""
    sums = select(SavingsAggregation).where(
        among(SavingsAggregation.project_result_id, [result.id for result in results])
    )
    totals: dict[int, Values] = {}
    for row in session.scalars(sums.order_by(SavingsAggregation.id)):
        if row.project_result_id not in totals or row.trace_interpretation == ALL_FUELS:
            totals[row.project_result_id] = {"trace_interpretation": row.trace_interpretation, **both_methods(row)}
    return totals


def runs_of(session: Session, principal: Principal, project: Project) -> Sequence[tuple[ProjectRun, int | None]]:
    """The newest runs of the project, each with the id of its result."""
    rows = session.execute(
        select(ProjectRun, ProjectResult.id.label("result_id"))
        .outerjoin(ProjectResult, ProjectResult.project_run_id == ProjectRun.id)
        .where(ProjectRun.project_id == project.id, visible(principal, ProjectRun))
        .order_by(ProjectRun.id.desc())
        .limit(MAX_SHOWN)
    )
    return [(run, result_id) for run, result_id in rows]
