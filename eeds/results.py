"""Meter results: stored as rows, and read back in the nested form of the API."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, null, select
from sqlalchemy.orm import Session

from eeds.db import among
from eeds.meter.types import BASELINE, REPORTING, MeterResult, TraceModelResult
from eeds.runs import Claim
from eeds.tables import (
    Derivative,
    DerivativeAggregation,
    EnergyTraceModelResult,
    ModelingPeriod,
    ModelingPeriodGroup,
    Project,
    ProjectResult,
)

Column = Any  # an ORM attribute or SQL expression
Nested = dict[str, list[dict[str, Any]]]


def save(session: Session, run: Claim, result: MeterResult, provenance: Mapping[str, Any]) -> int:
    """Store a result with all below it, in the session's transaction; returns its id."""
    stored = ProjectResult(
        project_id=run.project_id,
        project_run_id=run.id,
        eemeter_version=result.eemeter_version,
        meter_class=run.meter_class,
        meter_settings=run.meter_settings,
        provenance=dict(provenance),
    )
    session.add(stored)
    session.flush()
    periods = save_periods(session, stored.id, session.get_one(Project, run.project_id))
    group = ModelingPeriodGroup(
        project_result_id=stored.id, baseline_period_id=periods[BASELINE], reporting_period_id=periods[REPORTING]
    )
    session.add(group)
    session.flush()
    save_aggregations(session, group.id, result)
    for trace in result.traces:
        save_trace(session, stored.id, periods[trace.period], trace)
    session.flush()
    return stored.id


def save_periods(session: Session, result_id: int, project: Project) -> dict[str, int]:
    """The two modeling periods, with the project's own ends; their ids by interpretation."""
    baseline = ModelingPeriod(
        project_result_id=result_id,
        interpretation=BASELINE,
        start_date=project.baseline_period_start,
        end_date=project.baseline_period_end,
    )
    reporting = ModelingPeriod(
        project_result_id=result_id,
        interpretation=REPORTING,
        start_date=project.reporting_period_start or project.baseline_period_end,
        end_date=project.reporting_period_end,
    )
    session.add_all([baseline, reporting])
    session.flush()
    return {BASELINE: baseline.id, REPORTING: reporting.id}


def save_aggregations(session: Session, group_id: int, result: MeterResult) -> None:
    """The sums over traces, a side left empty where no trace has the derivative."""
    for aggregation in result.aggregations:
        sides = {"baseline": aggregation.baseline, "reporting": aggregation.reporting}
        session.add(
            DerivativeAggregation(
                modeling_period_group_id=group_id,
                trace_interpretation=aggregation.trace_interpretation,
                interpretation=aggregation.interpretation,
                **{
                    f"{side}_{name}": getattr(derivative, name, None)
                    for side, derivative in sides.items()
                    for name in ("value", "upper", "lower", "n")
                },
            )
        )


def save_trace(session: Session, result_id: int, period_id: int, trace: TraceModelResult) -> None:
    """The model of one trace in one period, with its derivatives."""
    stored = EnergyTraceModelResult(
        project_result_id=result_id,
        energy_trace_id=trace.trace_id,
        modeling_period_id=period_id,
        status=trace.status,
        r2=trace.r2,
        rmse=trace.rmse,
        cvrmse=trace.cvrmse,
        model_serializiation=trace.model_json,
        upper=trace.upper,
        lower=trace.lower,
        n=trace.n,
    )
    session.add(stored)
    session.flush()
    session.add_all(
        Derivative(
            energy_trace_model_result_id=stored.id,
            interpretation=derivative.interpretation,
            value=derivative.value,
            upper=derivative.upper,
            lower=derivative.lower,
            n=derivative.n,
        )
        for derivative in trace.derivatives
    )


def nested(session: Session, ids: Sequence[int]) -> dict[int, Nested]:
    """What hangs below each of these results, in the order of the API's keys: five statements, however many results."""
    found: dict[int, Nested] = {
        id: {
            "modeling_periods": [],
            "modeling_period_groups": [],
            "derivative_aggregations": [],
            "energy_trace_model_results": [],
        }
        for id in ids
    }
    for name, statement in statements(ids).items():
        for row in session.execute(statement).mappings():
            item = dict(row)
            found[item.pop("owner")][name].append(item)
    add_derivatives(session, [trace for tree in found.values() for trace in tree["energy_trace_model_results"]])
    return found


def statements(ids: Sequence[int]) -> dict[str, Select[Any]]:
    """The rows below some results, keys in the API's order, with `owner`, the result they belong to."""
    period, group, aggregation, trace = (
        ModelingPeriod,
        ModelingPeriodGroup,
        DerivativeAggregation,
        EnergyTraceModelResult,
    )
    return {
        "modeling_periods": rows(
            period.project_result_id, ids, [period.id, period.interpretation, period.start_date, period.end_date]
        ),
        "modeling_period_groups": rows(
            group.project_result_id,
            ids,
            [
                group.id,
                group.baseline_period_id.label("baseline_period"),
                group.reporting_period_id.label("reporting_period"),
            ],
        ),
        "derivative_aggregations": rows(
            group.project_result_id,
            ids,
            [
                aggregation.id,
                aggregation.modeling_period_group_id.label("modeling_period_group"),
                aggregation.trace_interpretation,
                aggregation.interpretation,
                *(
                    getattr(aggregation, f"{side}_{name}")
                    for side in ("baseline", "reporting")
                    for name in ("value", "upper", "lower", "n")
                ),
            ],
        ).where(group.id == aggregation.modeling_period_group_id),
        "energy_trace_model_results": rows(
            trace.project_result_id,
            ids,
            [
                trace.id,
                trace.project_result_id.label("project_result"),
                trace.energy_trace_id.label("energy_trace"),
                trace.modeling_period_id.label("modeling_period"),
                null().label("derivatives"),  # its place among the keys; add_derivatives fills it
                trace.status,
                trace.r2,
                trace.rmse,
                trace.cvrmse,
                trace.model_serializiation,
                trace.upper,
                trace.lower,
                trace.n,
            ],
        ),
    }


def rows(owner: Column, ids: Sequence[int], columns: Sequence[Column]) -> Select[Any]:
    """Some columns of the rows below these results, in order of id, which is the first of them."""
    return select(owner.label("owner"), *columns).where(among(owner, ids)).order_by(columns[0])


def add_derivatives(session: Session, traces: Sequence[dict[str, Any]]) -> None:
    """Give every trace its derivatives."""
    statement = rows(
        Derivative.energy_trace_model_result_id,
        [trace["id"] for trace in traces],
        [Derivative.id, Derivative.interpretation, Derivative.value, Derivative.upper, Derivative.lower, Derivative.n],
    )
    by_trace: dict[int, list[dict[str, Any]]] = {trace["id"]: [] for trace in traces}
    for row in session.execute(statement).mappings():
        item = dict(row)
        by_trace[item.pop("owner")].append(item)
    for trace in traces:
        trace["derivatives"] = by_trace[trace["id"]]
