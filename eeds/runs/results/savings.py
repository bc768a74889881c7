"""The savings of a result, read back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.db.tables import (
    EnergyTraceModelResult,
    ModelingPeriod,
    SavingsAggregation,
    SavingsMonth,
    TraceSavings,
    TraceSavingsMonth,
)
from eeds.meter.aggregation import fractional_bias_error
from eeds.meter.names import KWH_PER_UNIT
from eeds.meter.types import BASELINE, SUCCESS, Savings
from eeds.runs.results.fits import fuels_in

METHODS = ("metered", "normalized")
NUMBERS = ("value", "upper", "lower", "n", "baseline")  # of each, in columns as metered_value
# How sure that is, as eeds.meter.spread has it.
ERRORS, FREEDOM, COSINES = ("offset", "variance", "shared"), "freedom", "cosines"
MONTH_NUMBERS = (*NUMBERS, "cumulative_upper", "cumulative_lower")
Values = dict[str, Any]


class Model(NamedTuple):
    """What savings need to know of a model."""

    trace: int
    period: str
    status: str
    mean_bias: float | None  # None also in results from before it was kept


def savings_of(session: Session, result_id: int) -> Values:
    """Savings by trace and in sum, in the keys of the API: three statements, however many traces."""
    models = models_of(session, result_id)
    failures, biases = model_failures(models), biases_of(models)
    own = select(TraceSavings).where(TraceSavings.project_result_id == result_id).order_by(TraceSavings.id)
    rows = session.scalars(own).all()
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
            for row in rows
        ],
        "aggregations": [
            {
                "trace_interpretation": row.trace_interpretation,
                "unit": "KWH",
                **both_methods(row),
                "fractional_bias_error": bias_error(row.trace_interpretation, rows, biases),
            }
            for row in session.scalars(sums.order_by(SavingsAggregation.id))
        ],
    }


def models_of(session: Session, result_id: int) -> Sequence[Model]:
    """The models of a result in order."""
    model = EnergyTraceModelResult
    rows = session.execute(
        select(model.energy_trace_id, ModelingPeriod.interpretation, model.status, model.mean_bias)
        .join(ModelingPeriod, ModelingPeriod.id == model.modeling_period_id)
        .where(model.project_result_id == result_id)
        .order_by(model.id)
    )
    return [Model(*row) for row in rows]


def biases_of(models: Sequence[Model]) -> Mapping[int, float]:
    """The mean bias a day of the baseline models, by trace, in its unit."""
    return {
        model.trace: model.mean_bias for model in models if model.period == BASELINE and model.mean_bias is not None
    }


def bias_error(fuel: str, rows: Sequence[TraceSavings], biases: Mapping[int, float]) -> float | None:
    """The fractional bias error of the metered savings of a fuel, or of all that are supplied; None where a model's
    bias is not known, as in results from before it was kept."""
    fuels = fuels_in(fuel)
    summed = [row for row in rows if row.trace_interpretation in fuels and row.metered_value is not None]
    if any(row.energy_trace_id not in biases for row in summed):
        return None
    return fractional_bias_error(
        [KWH_PER_UNIT[row.unit] * biases[row.energy_trace_id] * (row.metered_n or 0) for row in summed],
        [KWH_PER_UNIT[row.unit] * (row.metered_value or 0) for row in summed],
    )


def model_failures(models: Sequence[Model]) -> Mapping[int, str]:
    """Why a trace lacks a model, a line for each period, by the ids of the traces that do."""
    lines: dict[int, list[str]] = {}
    for model in models:
        if model.status != SUCCESS:
            lines.setdefault(model.trace, []).append(f"{model.period} period: {model.status}")
    return {trace: "\n".join(reasons) for trace, reasons in lines.items()}


def add_months(session: Session, result_id: int, savings: Values) -> Values:
    """The savings of `savings_of` with `months` of each trace and sum: two statements more."""
    of_traces = months_by(session, TraceSavingsMonth, "energy_trace_id", result_id)
    of_sums = months_by(session, SavingsMonth, "trace_interpretation", result_id)
    for trace in savings["traces"]:
        status = trace.pop("status")
        trace |= {"months": of_traces.get(trace["energy_trace"], []), "status": status}
    for sum in savings["aggregations"]:
        sum["months"] = of_sums.get(sum["trace_interpretation"], [])
    return savings


def months_by(session: Session, table: Any, key: str, result_id: int) -> Mapping[Any, Sequence[Values]]:
    """The months of a result in a table, by a column of it, each with the sum of those up to it."""
    rows = session.scalars(select(table).where(table.project_result_id == result_id).order_by(table.month))
    by_key = defaultdict(list)
    for row in rows:
        by_key[getattr(row, key)].append(row)
    return {name: with_sums(months) for name, months in by_key.items()}


def with_sums(months: Iterable[Any]) -> list[Values]:
    """Metered savings by month in the keys of the API."""
    total, values = 0.0, []
    for month in months:
        total += month.value
        numbers = {name: getattr(month, name) for name in MONTH_NUMBERS}
        values.append({"month": f"{month.month:%Y-%m}", **numbers, "cumulative_value": total})
    return values


def both_methods(row: TraceSavings | SavingsAggregation) -> Values:
    """`metered_savings` and `normalized_savings` of a row, each None where it is not known."""
    return {f"{method}_savings": savings_with_ratios(row, method) for method in METHODS}


def savings_with_ratios(row: TraceSavings | SavingsAggregation, method: str) -> Values | None:
    """Savings by a method of METHODS with `fraction` and `fsu`, which follow from them, and how sure they are; None
    where not known."""
    values = {name: getattr(row, f"{method}_{name}") for name in NUMBERS}
    if values["value"] is None:
        return None
    savings = Savings(**values)
    errors = {name: getattr(row, f"{method}_{name}") for name in (*ERRORS, FREEDOM)}
    return {**values, "fraction": savings.fraction, "fsu": savings.fsu, **errors}
