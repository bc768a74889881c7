"""What runs have found: models, derivatives, savings and time series."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    column,
    func,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Identified


class ProjectResult(Identified, Base):
    """What one meter run found."""

    __tablename__ = "project_results"
    __table_args__ = (
        Index("ix_project_results_latest", "project_id", "id"),
        Index("ix_project_results_input", "project_id", text("(provenance ->> 'input_sha256')")),
        Index("ix_project_results_station", text("(provenance #>> '{weather,station}'::text[])")),
        Index("ix_project_results_stale_load_id", "stale_load_id", postgresql_where=text("stale_load_id IS NOT NULL")),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    project_run_id: Mapped[int | None] = mapped_column(ForeignKey("project_runs.id", ondelete="CASCADE"), unique=True)
    eemeter_version: Mapped[str | None]
    meter_class: Mapped[str | None]
    meter_settings: Mapped[dict[str, Any] | None]
    provenance: Mapped[dict[str, Any] | None]
    series_set_id: Mapped[int | None] = mapped_column(ForeignKey("series_sets.id"), index=True)
    series_dropped: Mapped[datetime | None]
    stale_since: Mapped[datetime | None]
    stale_because: Mapped[list[str] | None]
    stale_load_id: Mapped[int | None] = mapped_column(ForeignKey("loads.id", ondelete="SET NULL"))
    added: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    updated: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"), onupdate=func.clock_timestamp())


class PartOfResult(Identified):
    """A row that belongs to a result, of which there may be several."""

    project_result_id: Mapped[int] = mapped_column(ForeignKey("project_results.id", ondelete="CASCADE"), index=True)


class ModelingPeriod(PartOfResult, Base):
    """The baseline or reporting period of a result."""

    __tablename__ = "modeling_periods"

    interpretation: Mapped[str] = mapped_column(String(9))
    start_date: Mapped[datetime | None]
    end_date: Mapped[datetime | None]


class ModelingPeriodGroup(PartOfResult, Base):
    """A baseline period and the reporting period it is compared with."""

    __tablename__ = "modeling_period_groups"

    baseline_period_id: Mapped[int] = mapped_column(ForeignKey("modeling_periods.id", ondelete="CASCADE"))
    reporting_period_id: Mapped[int] = mapped_column(ForeignKey("modeling_periods.id", ondelete="CASCADE"))


class DerivativeAggregation(Identified, Base):
    """A derivative summed over the traces of an interpretation, in kWh."""

    __tablename__ = "derivative_aggregations"

    modeling_period_group_id: Mapped[int] = mapped_column(
        ForeignKey("modeling_period_groups.id", ondelete="CASCADE"), index=True
    )
    trace_interpretation: Mapped[str]
    interpretation: Mapped[str]
    baseline_value: Mapped[float | None]
    baseline_upper: Mapped[float | None]
    baseline_lower: Mapped[float | None]
    baseline_n: Mapped[int | None] = mapped_column(Integer)
    reporting_value: Mapped[float | None]
    reporting_upper: Mapped[float | None]
    reporting_lower: Mapped[float | None]
    reporting_n: Mapped[int | None] = mapped_column(Integer)


class EnergyTraceModelResult(PartOfResult, Base):
    """The model of one trace in one period, or why there is none."""

    __tablename__ = "energy_trace_model_results"

    energy_trace_id: Mapped[int]
    modeling_period_id: Mapped[int] = mapped_column(ForeignKey("modeling_periods.id", ondelete="CASCADE"))
    status: Mapped[str]
    r2: Mapped[float | None]
    rmse: Mapped[float | None]
    cvrmse: Mapped[float | None]
    model_serializiation: Mapped[str | None]
    upper: Mapped[float | None]
    lower: Mapped[float | None]
    n: Mapped[float | None]
    nmbe: Mapped[float | None]
    nmbe_limit: Mapped[float | None]
    cvrmse_limit: Mapped[float | None]
    mean_bias: Mapped[float | None]
    model: Mapped[str | None]
    flags: Mapped[list[str] | None]


class Derivative(Identified, Base):
    """A number computed from one model."""

    __tablename__ = "derivatives"

    energy_trace_model_result_id: Mapped[int] = mapped_column(
        ForeignKey("energy_trace_model_results.id", ondelete="CASCADE"), index=True
    )
    interpretation: Mapped[str]
    value: Mapped[float | None]
    upper: Mapped[float | None]
    lower: Mapped[float | None]
    n: Mapped[int | None] = mapped_column(Integer)


class SavingsColumns:
    """What was saved against what was measured, and in a normal year; null where there is no model for it."""

    metered_value: Mapped[float | None]
    metered_upper: Mapped[float | None]
    metered_lower: Mapped[float | None]
    metered_n: Mapped[int | None] = mapped_column(Integer)
    metered_baseline: Mapped[float | None]
    metered_offset: Mapped[float | None]
    metered_variance: Mapped[float | None]
    metered_shared: Mapped[float | None]
    metered_freedom: Mapped[float | None]
    metered_cosines: Mapped[list[float] | None]
    normalized_value: Mapped[float | None]
    normalized_upper: Mapped[float | None]
    normalized_lower: Mapped[float | None]
    normalized_n: Mapped[int | None] = mapped_column(Integer)
    normalized_baseline: Mapped[float | None]
    normalized_offset: Mapped[float | None]
    normalized_variance: Mapped[float | None]
    normalized_shared: Mapped[float | None]
    normalized_freedom: Mapped[float | None]
    normalized_cosines: Mapped[list[float] | None]
    model: Mapped[str | None]


class TraceSavings(SavingsColumns, PartOfResult, Base):
    """What one trace saved, in its unit."""

    __tablename__ = "trace_savings"

    energy_trace_id: Mapped[int]
    trace_interpretation: Mapped[str]
    unit: Mapped[str] = mapped_column(String(3))


class SavingsAggregation(SavingsColumns, PartOfResult, Base):
    """What was saved, summed over the traces of an interpretation, in kWh."""

    __tablename__ = "savings_aggregations"

    trace_interpretation: Mapped[str]
    station: Mapped[str | None]
    cvrmse: Mapped[float | None]
    unmodelled: Mapped[int | None] = mapped_column(Integer)
    days: Mapped[int | None] = mapped_column(Integer)
    bias_squares: Mapped[float | None]


class SavingsMonth(Base):
    """What a savings aggregation has of one calendar month, in kWh, against what was measured."""

    __tablename__ = "savings_months"
    __table_args__ = (PrimaryKeyConstraint("project_result_id", "trace_interpretation", "month"),)

    project_result_id: Mapped[int] = mapped_column(ForeignKey("project_results.id", ondelete="CASCADE"))
    trace_interpretation: Mapped[str]
    month: Mapped[date]
    value: Mapped[float]
    upper: Mapped[float | None]
    lower: Mapped[float | None]
    n: Mapped[int] = mapped_column(Integer)
    baseline: Mapped[float]
    month_offset: Mapped[float | None]
    month_variance: Mapped[float | None]
    month_shared: Mapped[float | None]
    cumulative_upper: Mapped[float | None]
    cumulative_lower: Mapped[float | None]
    step_offset: Mapped[float | None]
    step_variance: Mapped[float | None]
    step_shared: Mapped[float | None]


class TraceSavingsMonth(Base):
    """What a trace saved in a calendar month, in its unit, against what was measured."""

    __tablename__ = "trace_savings_months"
    __table_args__ = (PrimaryKeyConstraint("project_result_id", "energy_trace_id", "month"),)

    project_result_id: Mapped[int] = mapped_column(ForeignKey("project_results.id", ondelete="CASCADE"))
    energy_trace_id: Mapped[int]
    month: Mapped[date]
    value: Mapped[float]
    upper: Mapped[float]
    lower: Mapped[float]
    n: Mapped[int] = mapped_column(Integer)
    baseline: Mapped[float]
    cumulative_upper: Mapped[float]
    cumulative_lower: Mapped[float]


class SeriesSet(Identified, Base):
    """The time series of a result, and of all that were copied of it."""

    __tablename__ = "series_sets"
    __table_args__ = (
        Index("ix_series_sets_superseded", "superseded", postgresql_where=text("superseded IS NOT NULL")),
        Index("ix_series_sets_not_superseded", "project_id", postgresql_where=text("superseded IS NULL")),
    )

    project_id: Mapped[int]
    superseded: Mapped[datetime | None]


class TimeSeries(Base):
    """What a trace used and what its models say of it, in arrays of the same length; TIME_SERIES_ROWS has its rows."""

    __tablename__ = "time_series"
    __table_args__ = (PrimaryKeyConstraint("series_set_id", "energy_trace_id"),)

    series_set_id: Mapped[int] = mapped_column(ForeignKey("series_sets.id", ondelete="CASCADE"))
    energy_trace_id: Mapped[int]
    resolution: Mapped[str]
    first: Mapped[datetime]
    step: Mapped[int] = mapped_column(Integer)
    shift: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    first_day: Mapped[date | None]
    day: Mapped[list[date] | None] = mapped_column(ARRAY(Date))
    observed: Mapped[list[float]]
    temperature: Mapped[list[float]]
    baseline: Mapped[list[float]]
    distance: Mapped[float | None]
    lower: Mapped[list[float] | None]
    upper: Mapped[list[float] | None]
    reporting: Mapped[list[float]]


# The view of the series of all results, a row a day, an hour or a bill.
TIME_SERIES_ROWS = table(
    "time_series_rows",
    column("project_result_id", BigInteger),
    column("energy_trace_id", BigInteger),
    column("resolution", Text),
    column("start", TIMESTAMP(timezone=True)),
    column("day", Date),
    *(column(name, Double) for name in ("observed", "temperature", "baseline", "lower", "upper", "reporting")),
)
