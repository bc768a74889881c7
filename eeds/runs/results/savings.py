"""The savings of a result, read back."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.db.tables import EnergyTraceModelResult, ModelingPeriod, SavingsAggregation, TraceSavings
from eeds.meter.types import SUCCESS, Savings

Values = dict[str, Any]


def savings_of(session: Session, result_id: int) -> Values:
    """Savings by trace and in sum, as the API shows them: three statements, however many traces."""
    statuses = statuses_of(session, result_id)
    rows = select(TraceSavings).where(TraceSavings.project_result_id == result_id).order_by(TraceSavings.id)
    sums = select(SavingsAggregation).where(SavingsAggregation.project_result_id == result_id)
    return {
        "traces": [
            {
                "energy_trace": row.energy_trace_id,
                "trace_interpretation": row.trace_interpretation,
                "unit": row.unit,
                **pair(row),
                "status": statuses.get(row.energy_trace_id, SUCCESS),
            }
            for row in session.scalars(rows)
        ],
        "aggregations": [
            {"trace_interpretation": row.trace_interpretation, "unit": "KWH", **pair(row)}
            for row in session.scalars(sums.order_by(SavingsAggregation.id))
        ],
    }


def statuses_of(session: Session, result_id: int) -> Mapping[int, str]:
    """Why a trace lacks a model, by the ids of the traces that do."""
    model = EnergyTraceModelResult
    rows = session.execute(
        select(model.energy_trace_id, ModelingPeriod.interpretation, model.status)
        .join(ModelingPeriod, ModelingPeriod.id == model.modeling_period_id)
        .where(model.project_result_id == result_id, model.status != SUCCESS)
        .order_by(model.id)
    )
    statuses: dict[int, str] = {}
    for trace, period, status in rows:
        before = f"{statuses[trace]}\n" if trace in statuses else ""
        statuses[trace] = f"{before}{period} period: {status}"
    return statuses


def pair(row: TraceSavings | SavingsAggregation) -> Values:
    """Both kinds of savings of a row."""
    return {f"{kind}_savings": shown(row, kind) for kind in ("metered", "normalized")}


def shown(row: TraceSavings | SavingsAggregation, kind: str) -> Values | None:
    """Savings of one kind with what follows from them, or None."""
    value, upper, lower, n, baseline = (
        getattr(row, f"{kind}_{name}") for name in ("value", "upper", "lower", "n", "baseline")
    )
    if value is None:
        return None
    savings = Savings(value, upper, lower, n, baseline)
    return {
        "value": value,
        "upper": upper,
        "lower": lower,
        "n": n,
        "baseline": baseline,
        "fraction": savings.fraction,
        "fsu": savings.fsu,
    }
