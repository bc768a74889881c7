"""Meter results read back, in the nested form of the API."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, null, select
from sqlalchemy.orm import Session

from eeds.db.array_parameters import among
from eeds.db.tables import (
    Derivative,
    DerivativeAggregation,
    EnergyTraceModelResult,
    ModelingPeriod,
    ModelingPeriodGroup,
)

Column = Any  # an ORM attribute or SQL expression
Nested = dict[str, list[dict[str, Any]]]


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
