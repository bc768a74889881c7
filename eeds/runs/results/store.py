"""Meter results written: few statements, however many traces."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from eeds.db import tables
from eeds.meter.names import INTERPRETATIONS
from eeds.meter.types import (
    BASELINE,
    REPORTING,
    Aggregation,
    Derivative,
    MeterResult,
    Periods,
    Savings,
    SavingsAggregation,
    Trace,
    TraceModelResult,
    TraceSavings,
)
from eeds.runs.inputs import RunInput
from eeds.runs.lifecycle import ClaimedRun
from eeds.runs.results.time_series import save_time_series

Values = dict[str, Any]
DERIVATIVE_NUMBERS = ("value", "upper", "lower", "n")
SAVINGS_NUMBERS = (*DERIVATIVE_NUMBERS, "baseline")


def save(session: Session, run: ClaimedRun, input: RunInput, result: MeterResult) -> int:
    """Store the result of an input with all below it, in the session's transaction; returns its id."""
    (id,) = insert_all(session, tables.ProjectResult, [result_values(run, input, result)])
    baseline, reporting = insert_all(session, tables.ModelingPeriod, period_values(id, input.periods))
    group = {"project_result_id": id, "baseline_period_id": baseline, "reporting_period_id": reporting}
    (group_id,) = insert_all(session, tables.ModelingPeriodGroup, [group])
    insert_all(session, tables.DerivativeAggregation, [sum_values(group_id, one) for one in result.aggregations])
    save_models(session, id, {BASELINE: baseline, REPORTING: reporting}, result.traces)
    save_savings(session, id, input.traces, result)
    save_time_series(session, id, result.time_series, input.settings.timezone)
    return id


def insert_all(session: Session, table: type[tables.Base], rows: Sequence[Values]) -> Sequence[int]:
    """Store rows in one statement; their ids, in the same order."""
    if not rows:
        return []
    id = table.__table__.c.id
    return session.scalars(insert(table).returning(id, sort_by_parameter_order=True), rows).all()


def result_values(run: ClaimedRun, input: RunInput, result: MeterResult) -> Values:
    """The result itself."""
    return {
        "project_id": run.project_id,
        "project_run_id": run.id,
        "eemeter_version": result.eemeter_version,
        "meter_class": run.meter_class,
        "meter_settings": run.meter_settings,
        "provenance": {**result.provenance, "weather": input.weather.provenance},
    }


def period_values(result_id: int, periods: Periods) -> list[Values]:
    """The two modeling periods, with the ends that the project had when it was read."""
    ends = {
        BASELINE: (periods.baseline_start, periods.baseline_end),
        REPORTING: (periods.reporting_start, periods.reporting_end),
    }
    return [
        {"project_result_id": result_id, "interpretation": name, "start_date": start, "end_date": end}
        for name, (start, end) in ends.items()
    ]


def sum_values(group_id: int, aggregation: Aggregation) -> Values:
    """A sum over traces, a side left empty where no trace has the derivative."""
    return {
        "modeling_period_group_id": group_id,
        "trace_interpretation": aggregation.trace_interpretation,
        "interpretation": aggregation.interpretation,
        **numbers_of(aggregation.baseline, DERIVATIVE_NUMBERS, "baseline_"),
        **numbers_of(aggregation.reporting, DERIVATIVE_NUMBERS, "reporting_"),
    }


def numbers_of(source: Derivative | Savings | None, names: Sequence[str], prefix: str = "") -> Values:
    """The numbers of a derivative or of savings, in columns with a prefix; nulls where there is none."""
    return {f"{prefix}{name}": getattr(source, name, None) for name in names}


def save_models(
    session: Session, result_id: int, periods: Mapping[str, int], models: Sequence[TraceModelResult]
) -> None:
    """The models of the traces, with their derivatives."""
    rows = [model_values(result_id, periods[model.period], model) for model in models]
    ids = insert_all(session, tables.EnergyTraceModelResult, rows)
    derivatives = [
        {
            "energy_trace_model_result_id": id,
            "interpretation": derivative.interpretation,
            **numbers_of(derivative, DERIVATIVE_NUMBERS),
        }
        for id, model in zip(ids, models, strict=True)
        for derivative in model.derivatives
    ]
    insert_all(session, tables.Derivative, derivatives)


def model_values(result_id: int, period_id: int, model: TraceModelResult) -> Values:
    """The model of one trace in one period."""
    return {
        "project_result_id": result_id,
        "energy_trace_id": model.trace_id,
        "modeling_period_id": period_id,
        "status": model.status,
        "r2": model.r2,
        "rmse": model.rmse,
        "cvrmse": model.cvrmse,
        "model_serializiation": model.model_json,
        "upper": model.upper,
        "lower": model.lower,
        "n": model.n,
    }


def save_savings(session: Session, result_id: int, traces: Sequence[Trace], result: MeterResult) -> None:
    """What every trace saved, also where that is not known, and the sums."""
    by_trace = {savings.trace_id: savings for savings in result.savings}
    rows = [
        {
            "project_result_id": result_id,
            "energy_trace_id": trace.id,
            "trace_interpretation": INTERPRETATIONS[trace.interpretation],
            "unit": trace.unit,
            **pair_values(by_trace.get(trace.id)),
        }
        for trace in traces
    ]
    insert_all(session, tables.TraceSavings, rows)
    sums = [
        {
            "project_result_id": result_id,
            "trace_interpretation": savings.trace_interpretation,
            **pair_values(savings),
        }
        for savings in result.savings_aggregations
    ]
    insert_all(session, tables.SavingsAggregation, sums)
    save_months(session, result_id, result.savings_aggregations)


def save_months(session: Session, result_id: int, sums: Sequence[SavingsAggregation]) -> None:
    """The sums by month."""
    rows = [
        {"project_result_id": result_id, "trace_interpretation": savings.trace_interpretation, **vars(month)}
        for savings in sums
        for month in savings.months
    ]
    if rows:
        session.execute(insert(tables.SavingsMonth), rows)


def pair_values(savings: TraceSavings | SavingsAggregation | None) -> Values:
    """Metered and normalized savings, nulls where there are none."""
    return {
        **numbers_of(savings.metered if savings else None, SAVINGS_NUMBERS, "metered_"),
        **numbers_of(savings.normalized if savings else None, SAVINGS_NUMBERS, "normalized_"),
    }
