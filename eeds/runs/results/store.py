"""Meter results stored, or copied for a run with the same input: few statements, however many traces."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import insert
from sqlalchemy.orm import Session

from eeds.db import tables
from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.db.statements import query
from eeds.meter.names import INTERPRETATIONS
from eeds.meter.types import (
    BASELINE,
    REPORTING,
    MeterResult,
    MonthSavings,
    Periods,
    SavingsAggregation,
    Trace,
    TraceModelResult,
    TraceSavings,
)
from eeds.runs.inputs import RunInput
from eeds.runs.lifecycle import ClaimedRun
from eeds.runs.results.fits import fit_values
from eeds.runs.results.nested import BIAS_FIGURES
from eeds.runs.results.savings import COSINES, ERRORS, FREEDOM, METHODS, MONTH_NUMBERS, NUMBERS
from eeds.runs.results.time_series import save_time_series

Values = dict[str, Any]
MODEL_FIGURES = ("status", "r2", "rmse", "cvrmse", "upper", "lower", "n", *BIAS_FIGURES)


def save(session: Session, run: ClaimedRun, input: RunInput, result: MeterResult) -> int:
    """Store the result of an input with all below it, in the session's transaction; returns its id."""
    series_set = save_series(session, run.project_id, result, input.settings.timezone)
    own = {
        "project_id": run.project_id,
        "project_run_id": run.id,
        "eemeter_version": result.eemeter_version,
        "meter_class": run.meter_class,
        "meter_settings": run.meter_settings,
        "provenance": {**result.provenance, **input.provenance},
        "series_set_id": series_set,
    }
    (id,) = insert_all(session, tables.ProjectResult, [own])
    baseline, reporting = insert_all(session, tables.ModelingPeriod, period_values(id, input.periods))
    group = {"project_result_id": id, "baseline_period_id": baseline, "reporting_period_id": reporting}
    (group_id,) = insert_all(session, tables.ModelingPeriodGroup, [group])
    sums = [
        {
            "modeling_period_group_id": group_id,
            "trace_interpretation": one.trace_interpretation,
            "interpretation": one.interpretation,
            **side_values(one, ("baseline", "reporting"), ("value", "upper", "lower", "n")),
        }
        for one in result.aggregations
    ]
    insert_all(session, tables.DerivativeAggregation, sums)
    save_models(session, id, {BASELINE: baseline, REPORTING: reporting}, result.traces)
    save_savings(session, id, input.traces, result, input.weather.weather.station)
    return id


def save_series(session: Session, project_id: int, result: MeterResult, timezone: str) -> int:
    """The time series of a result of the project, as a set of which the id is returned."""
    added = psycopg_connection(session).execute(query("runs/add_series_set"), {"project_id": project_id}).fetchone()
    assert added is not None
    distances = {model.trace_id: model.upper for model in result.traces if model.period == BASELINE}
    save_time_series(session, added[0], result.time_series, timezone, distances)
    return int(added[0])


def insert_all(session: Session, table: type[tables.Base], rows: Sequence[Values]) -> Sequence[int]:
    """Store rows in one statement; their ids, in the same order."""
    if not rows:
        return []
    id = table.__table__.c.id
    return session.scalars(insert(table).returning(id, sort_by_parameter_order=True), rows).all()


def insert_months(session: Session, table: type[tables.Base], rows: Sequence[Values]) -> None:
    """Store rows that have no id. They are one statement because it returns something: without, SQLAlchemy sends each
    by itself."""
    if rows:
        session.scalars(insert(table).returning(table.__table__.c.project_result_id), rows).all()


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


def side_values(source: object, sides: Sequence[str], names: Sequence[str]) -> Values:
    """The numbers of both sides of a sum or of savings, in columns as `baseline_value`; nulls where a side is None."""
    return {f"{side}_{name}": getattr(getattr(source, side, None), name, None) for side in sides for name in names}


def save_models(
    session: Session, result_id: int, periods: Mapping[str, int], models: Sequence[TraceModelResult]
) -> None:
    """The models of the traces, with their derivatives."""
    rows = [
        {
            "project_result_id": result_id,
            "energy_trace_id": model.trace_id,
            "modeling_period_id": periods[model.period],
            "model_serializiation": model.model_json,
            "model": model.model,
            "flags": list(model.flags),
            **{name: getattr(model, name) for name in MODEL_FIGURES},
        }
        for model in models
    ]
    ids = insert_all(session, tables.EnergyTraceModelResult, rows)
    derivatives = [
        {"energy_trace_model_result_id": id, **vars(derivative)}
        for id, model in zip(ids, models, strict=True)
        for derivative in model.derivatives
    ]
    insert_all(session, tables.Derivative, derivatives)


def save_savings(
    session: Session, result_id: int, traces: Sequence[Trace], result: MeterResult, station: str | None = None
) -> None:
    """What every trace saved, also where that is not known, and the sums, of metered savings also by month; `station`:
    whose temperatures the models saw."""
    by_trace = {savings.trace_id: savings for savings in result.savings}
    rows, sums, months, trace_months = [], [], [], []
    for trace in traces:
        saved = by_trace.get(trace.id)
        own: Values = {"project_result_id": result_id, "energy_trace_id": trace.id}
        name = {"trace_interpretation": INTERPRETATIONS[trace.interpretation], "unit": trace.unit}
        rows.append(own | name | savings_values(saved))
        trace_months += [own | month_values(month) for month in (saved.months if saved else ())]
    for sum in result.savings_aggregations:
        own = {"project_result_id": result_id, "trace_interpretation": sum.trace_interpretation}
        fits = fit_values(sum.trace_interpretation, traces, result)
        sums.append(own | {"station": station} | fits | savings_values(sum))
        errors = month_errors(sum.months)
        months += [own | month_values(month) | sure for month, sure in zip(sum.months, errors, strict=True)]
    insert_all(session, tables.TraceSavings, rows)
    insert_all(session, tables.SavingsAggregation, sums)
    insert_months(session, tables.SavingsMonth, months)
    insert_months(session, tables.TraceSavingsMonth, trace_months)


def savings_values(savings: TraceSavings | SavingsAggregation | None) -> Values:
    """Both kinds of savings with their errors, and the model; nulls where there are none."""
    spreads = {method: getattr(getattr(savings, method, None), "spread", None) for method in METHODS}
    return {
        **side_values(savings, METHODS, NUMBERS),
        **{
            f"{method}_{name}": getattr(spread, name, None)
            for method, spread in spreads.items()
            for name in (*ERRORS, FREEDOM)
        },
        **{f"{method}_{COSINES}": list(spread.cosines) if spread else None for method, spread in spreads.items()},
        "model": (savings.model if savings else None) or None,
    }


def month_values(month: MonthSavings) -> Values:
    """What was saved in a month, with bounds."""
    return {name: getattr(month, name) for name in ("month", *MONTH_NUMBERS)}


def month_errors(months: Sequence[MonthSavings]) -> Iterator[Values]:
    """How sure each is, and what it adds to the errors of the sum up to it, as steps, which can be added up over many
    results."""
    before = dict.fromkeys(ERRORS, 0.0)
    for month in months:
        until = {name: getattr(month.cumulative_spread, name) for name in ERRORS}
        yield {f"month_{name}": getattr(month.spread, name) for name in ERRORS} | {
            f"step_{name}": until[name] - before[name] for name in ERRORS
        }
        before = until


def reuse(connection: PsycopgConnection, run: ClaimedRun, provenance: Mapping[str, Any]) -> int | None:
    """Give the run a copy of the oldest result of its project that has the same input and versions, and series, which
    the two share then, in the connection's transaction; the id of the copy, or None if there is no such result.

    `provenance` is the run's own: its settings, and where its weather and time zone came from, replace those of the
    copied result.
    """
    parameters = {
        "project_id": run.project_id,
        "run_id": run.id,
        "meter_class": run.meter_class,
        "meter_settings": None if run.meter_settings is None else Jsonb(run.meter_settings),
        "input_sha256": provenance["input_sha256"],
        "versions": Jsonb(provenance["versions"]),
        "provenance": Jsonb({name: provenance[name] for name in ("settings", "weather", "timezone")}),
    }
    copied = connection.execute(query("runs/copy_result"), parameters).fetchone()
    return None if copied is None else int(copied[0])
