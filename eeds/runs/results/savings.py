"""The savings of a result, read back."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.db.tables import EnergyTraceModelResult, ModelingPeriod, SavingsAggregation, TraceSavings
from eeds.meter.types import SUCCESS, Savings

METHODS = ("metered", "normalized")
NUMBERS = ("value", "upper", "lower", "n", "baseline")  # of each, in columns as metered_value
Values = dict[str, Any]


def savings_of(session: Session, result_id: int) -> Values:
    """Savings by trace and in sum, in the keys of the API: three statements, however many traces."""
    failures = model_failures(session, result_id)
    rows = select(TraceSavings).where(TraceSavings.project_result_id == result_id).order_by(TraceSavings.id)
    sums = select(SavingsAggregation).where(SavingsAggregation.project_result_id == result_id)
    return {
        "traces": [
            {
                "energy_trace": row.energy_trace_id,
                "trace_interpretation": row.trace_interpretation,
                "unit": row.unit,
                **both_methods(row),
                "status": failures.get(row.energy_trace_id, SUCCESS),
            }
            for row in session.scalars(rows)
        ],
        "aggregations": [
            {"trace_interpretation": row.trace_interpretation, "unit": "KWH", **both_methods(row)}
            for row in session.scalars(sums.order_by(SavingsAggregation.id))
        ],
    }


def model_failures(session: Session, result_id: int) -> Mapping[int, str]:
    """Why a trace lacks a model, a line for each period, by the ids of the traces that do."""
    model = EnergyTraceModelResult
    rows = session.execute(
        select(model.energy_trace_id, ModelingPeriod.interpretation, model.status)
        .join(ModelingPeriod, ModelingPeriod.id == model.modeling_period_id)
        .where(model.project_result_id == result_id, model.status != SUCCESS)
        .order_by(model.id)
    )
    lines: dict[int, list[str]] = {}
    for trace, period, status in rows:
        lines.setdefault(trace, []).append(f"{period} period: {status}")
    return {trace: "\n".join(reasons) for trace, reasons in lines.items()}


def both_methods(row: TraceSavings | SavingsAggregation) -> Values:
    """`metered_savings` and `normalized_savings` of a row, each None where it is not known."""
    return {f"{method}_savings": savings_with_ratios(row, method) for method in METHODS}


def savings_with_ratios(row: TraceSavings | SavingsAggregation, method: str) -> Values | None:
    """Savings by a method of METHODS with `fraction` and `fsu`, which follow from them; None where not known."""
    values = {name: getattr(row, f"{method}_{name}") for name in NUMBERS}
    if values["value"] is None:
        return None
    savings = Savings(**values)
    return {**values, "fraction": savings.fraction, "fsu": savings.fsu}
