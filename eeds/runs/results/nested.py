"""Meter results read back, in the nested form of the API."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, null, select
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
Items = list[dict[str, Any]]
Nested = dict[str, Items]
BIAS_FIGURES = ("nmbe", "nmbe_limit", "cvrmse_limit", "mean_bias")  # behind the original's
DATA_WORDS = ("model", "flags")  # behind these


def columns_of(table: Any, *names: str) -> list[Column]:
    """The columns of a table under the API's names, in which a key of another object lacks its `_id`."""
    return [getattr(table, name if hasattr(table, name) else f"{name}_id").label(name) for name in names]


PERIOD_COLUMNS = columns_of(ModelingPeriod, "id", "interpretation", "start_date", "end_date")
GROUP_COLUMNS = columns_of(ModelingPeriodGroup, "id", "baseline_period", "reporting_period")
SUM_COLUMNS = [
    *columns_of(DerivativeAggregation, "id", "modeling_period_group", "trace_interpretation", "interpretation"),
    *columns_of(DerivativeAggregation, *(f"baseline_{name}" for name in ("value", "upper", "lower", "n"))),
    *columns_of(DerivativeAggregation, *(f"reporting_{name}" for name in ("value", "upper", "lower", "n"))),
]
MODEL_COLUMNS = [
    *columns_of(EnergyTraceModelResult, "id", "project_result", "energy_trace", "modeling_period"),
    null().label("derivatives"),  # their place among the keys
    *columns_of(
        EnergyTraceModelResult, "status", "r2", "rmse", "cvrmse", "model_serializiation", "upper", "lower", "n"
    ),
    *columns_of(EnergyTraceModelResult, *BIAS_FIGURES, *DATA_WORDS),
]
DERIVATIVE_COLUMNS = columns_of(Derivative, "id", "interpretation", "value", "upper", "lower", "n")


def nested(session: Session, ids: Sequence[int]) -> dict[int, Nested]:
    """What hangs below each of these results, keys in the API's order: five statements, however many results."""
    in_group = DerivativeAggregation.modeling_period_group_id == ModelingPeriodGroup.id
    periods = items_below(session, ModelingPeriod.project_result_id, ids, PERIOD_COLUMNS)
    groups = items_below(session, ModelingPeriodGroup.project_result_id, ids, GROUP_COLUMNS)
    sums = items_below(session, ModelingPeriodGroup.project_result_id, ids, SUM_COLUMNS, in_group)
    models = items_below(session, EnergyTraceModelResult.project_result_id, ids, MODEL_COLUMNS)
    of_all = [model for items in models.values() for model in items]
    owner, model_ids = Derivative.energy_trace_model_result_id, [model["id"] for model in of_all]
    derivatives = items_below(session, owner, model_ids, DERIVATIVE_COLUMNS)
    for model in of_all:
        model["derivatives"] = derivatives[model["id"]]
    return {
        id: {
            "modeling_periods": periods[id],
            "modeling_period_groups": groups[id],
            "derivative_aggregations": sums[id],
            "energy_trace_model_results": models[id],
        }
        for id in ids
    }


def items_below(
    session: Session, owner: Column, owner_ids: Sequence[int], columns: Sequence[Column], *joined: ColumnElement[bool]
) -> dict[int, Items]:
    """By each of the owners the rows whose column `owner` it is, as objects, in order of the first column, the id."""
    statement = select(owner.label("owner"), *columns).where(among(owner, owner_ids), *joined).order_by(columns[0])
    items: dict[int, Items] = {id: [] for id in owner_ids}
    for row in session.execute(statement).mappings():
        item = dict(row)
        items[item.pop("owner")].append(item)
    return items
