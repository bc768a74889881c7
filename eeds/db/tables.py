"""The tables, typed. sql/migrations makes them; a test proves that the two are equal."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    Double,
    FetchedValue,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, REAL, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATA_TYPES = ("BOOLEAN", "CHAR", "DATE", "DATETIME", "FLOAT", "INTEGER")
RUN_STATUSES = ("PENDING", "RUNNING", "SUCCESS", "FAILED")


class Base(DeclarativeBase):
    """Python types and the columns they become."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_name)s_key",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {
        int: BigInteger,
        str: Text,
        float: Double,
        datetime: TIMESTAMP(timezone=True),
        list[str]: ARRAY(Text),
        list[float]: ARRAY(REAL),
        dict[str, Any]: JSONB(none_as_null=True),
    }


class User(Base):
    """A person or program that may log in."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(server_default=text("false"))
    added: Mapped[datetime] = mapped_column(server_default=text("now()"))


class ProjectOwner(Base):
    """What projects belong to: one owner per user."""

    __tablename__ = "project_owners"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    served: Mapped[datetime | None]


class Token(Base):
    """A bearer token: looked up by its prefix, proven by the HMAC of the whole."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    prefix: Mapped[str] = mapped_column(index=True)
    digest: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
    last_used: Mapped[datetime | None]
    added: Mapped[datetime] = mapped_column(server_default=text("now()"))


class OAuthClient(Base):
    """OAuth2 client credentials; a client answers for one user."""

    __tablename__ = "oauth_clients"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[bytes]
    scopes: Mapped[list[str]]
    added: Mapped[datetime] = mapped_column(server_default=text("now()"))


class Project(Base):
    """A building with a baseline and a reporting period."""

    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_owner_id: Mapped[int] = mapped_column(ForeignKey("project_owners.id"), index=True)
    project_id: Mapped[str] = mapped_column(String(255), unique=True)
    baseline_period_start: Mapped[datetime | None]
    baseline_period_end: Mapped[datetime | None]
    reporting_period_start: Mapped[datetime | None]
    reporting_period_end: Mapped[datetime | None]
    zipcode: Mapped[str | None] = mapped_column(String(10))
    added: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated: Mapped[datetime] = mapped_column(server_default=text("now()"), onupdate=func.clock_timestamp())


class ProjectBlock(Base):
    """A named selection of projects."""

    __tablename__ = "project_blocks"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_owner_id: Mapped[int] = mapped_column(ForeignKey("project_owners.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))


class ProjectBlockProject(Base):
    """Membership of a project in a block."""

    __tablename__ = "project_block_projects"
    __table_args__ = (PrimaryKeyConstraint("project_block_id", "project_id"),)

    project_block_id: Mapped[int] = mapped_column(ForeignKey("project_blocks.id", ondelete="CASCADE"))
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)


class ProjectAttributeKey(Base):
    """The name and type of an attribute."""

    __tablename__ = "project_attribute_keys"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    display_name: Mapped[str] = mapped_column(String(255))
    data_type: Mapped[str] = mapped_column(String(8))


class ProjectAttribute(Base):
    """An attribute of a project; the value is in the column of the key's type."""

    __tablename__ = "project_attributes"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("project_attribute_keys.id", ondelete="CASCADE"), index=True)
    boolean_value: Mapped[bool | None]
    char_value: Mapped[str | None] = mapped_column(String(255))
    date_value: Mapped[date | None]
    datetime_value: Mapped[datetime | None]
    float_value: Mapped[float | None]
    integer_value: Mapped[int | None]


class ConsumptionMetadata(Base):
    """A trace: one meter channel of a project."""

    __tablename__ = "consumption_metadatas"
    __table_args__ = (Index("ix_consumption_metadatas_project_id", "project_id", "interpretation", "label"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    interpretation: Mapped[str] = mapped_column(String(7))
    unit: Mapped[str] = mapped_column(String(3))
    label: Mapped[str | None] = mapped_column(String(255))


class ConsumptionRecord(Base):
    """One reading of a trace; it lasts until the next one starts."""

    __tablename__ = "consumption_records"
    __table_args__ = (
        PrimaryKeyConstraint("metadata_id", "start"),
        {"postgresql_partition_by": "HASH (metadata_id)"},
    )

    start: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True, precision=0))
    value: Mapped[float | None]
    metadata_id: Mapped[int]
    estimated: Mapped[bool] = mapped_column(server_default=text("false"))


class DeletedTrace(Base):
    """A trace that is no more, but whose records are still being deleted."""

    __tablename__ = "deleted_traces"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class WeatherYear(Base):
    """One UTC year of hourly temperatures of a station, degrees Fahrenheit, NaN = missing."""

    __tablename__ = "weather_years"
    __table_args__ = (PrimaryKeyConstraint("station", "source", "year"),)

    station: Mapped[str]
    source: Mapped[str]
    year: Mapped[int] = mapped_column(SmallInteger)
    temps: Mapped[list[float]]
    n_observed: Mapped[int] = mapped_column(Integer)
    first_hour: Mapped[datetime | None]
    last_hour: Mapped[datetime | None]
    url: Mapped[str | None]
    etag: Mapped[str | None]
    sha256: Mapped[str | None]
    fetched_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class WeatherFetch(Base):
    """Why the last attempt to fetch a station-year gave nothing."""

    __tablename__ = "weather_fetches"
    __table_args__ = (PrimaryKeyConstraint("station", "source", "year"),)

    station: Mapped[str]
    source: Mapped[str]
    year: Mapped[int] = mapped_column(SmallInteger)
    absent: Mapped[bool]
    message: Mapped[str]
    tried: Mapped[datetime] = mapped_column(server_default=text("now()"))


class WeatherNormal(Base):
    """A normal year of a station: 8,760 hours of local standard time, degrees Fahrenheit."""

    __tablename__ = "weather_normals"
    __table_args__ = (PrimaryKeyConstraint("station", "kind"),)

    station: Mapped[str]
    kind: Mapped[str]
    utc_offset: Mapped[float]
    temps: Mapped[list[float]]


class ProjectWeather(Base):
    """The weather station pinned to a project."""

    __tablename__ = "project_weather"
    __table_args__ = (PrimaryKeyConstraint("project_id"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    station: Mapped[str]
    normal_station: Mapped[str | None]
    kind: Mapped[str | None]
    km: Mapped[float | None]
    climate_match: Mapped[bool | None]
    method: Mapped[str]
    chosen_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class ProjectRun(Base):
    """The order to run the meter on a project; eeds.runs.lifecycle moves its status."""

    __tablename__ = "project_runs"
    __table_args__ = (
        Index("ix_project_runs_unfinished", "status", "id", postgresql_where=text("status IN ('PENDING', 'RUNNING')")),
        Index(
            "ix_project_runs_turn",
            "project_owner_id",
            "id",
            postgresql_where=text("status = 'PENDING' AND enqueued IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    meter_class: Mapped[str]
    meter_settings: Mapped[dict[str, Any] | None]
    status: Mapped[str] = mapped_column(String(7), server_default=text("'PENDING'"))
    traceback: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    lost: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    project_owner_id: Mapped[int] = mapped_column(server_default=FetchedValue())  # by a trigger, from the project
    started: Mapped[datetime | None]
    lease_expires: Mapped[datetime | None]
    enqueued: Mapped[datetime | None]
    request_id: Mapped[str | None]
    added: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    updated: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"), onupdate=func.clock_timestamp())


class ProjectResult(Base):
    """What one meter run found."""

    __tablename__ = "project_results"
    __table_args__ = (Index("ix_project_results_input", "project_id", text("(provenance ->> 'input_sha256')")),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    project_run_id: Mapped[int | None] = mapped_column(ForeignKey("project_runs.id", ondelete="CASCADE"), unique=True)
    eemeter_version: Mapped[str | None]
    meter_class: Mapped[str | None]
    meter_settings: Mapped[dict[str, Any] | None]
    provenance: Mapped[dict[str, Any] | None]
    added: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    updated: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"), onupdate=func.clock_timestamp())


class ModelingPeriod(Base):
    """The baseline or reporting period of a result."""

    __tablename__ = "modeling_periods"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_result_id: Mapped[int] = mapped_column(ForeignKey("project_results.id", ondelete="CASCADE"), index=True)
    interpretation: Mapped[str] = mapped_column(String(9))
    start_date: Mapped[datetime | None]
    end_date: Mapped[datetime | None]


class ModelingPeriodGroup(Base):
    """A baseline period and the reporting period it is compared with."""

    __tablename__ = "modeling_period_groups"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_result_id: Mapped[int] = mapped_column(ForeignKey("project_results.id", ondelete="CASCADE"), index=True)
    baseline_period_id: Mapped[int] = mapped_column(
        ForeignKey(
            "modeling_periods.id",
            ondelete="CASCADE",
        )
    )
    reporting_period_id: Mapped[int] = mapped_column(
        ForeignKey(
            "modeling_periods.id",
            ondelete="CASCADE",
        )
    )


class DerivativeAggregation(Base):
    """A derivative summed over the traces of an interpretation, in kWh."""

    __tablename__ = "derivative_aggregations"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
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


class EnergyTraceModelResult(Base):
    """The model of one trace in one period, or why there is none."""

    __tablename__ = "energy_trace_model_results"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_result_id: Mapped[int] = mapped_column(ForeignKey("project_results.id", ondelete="CASCADE"), index=True)
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


class Derivative(Base):
    """A number computed from one model."""

    __tablename__ = "derivatives"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
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
    normalized_value: Mapped[float | None]
    normalized_upper: Mapped[float | None]
    normalized_lower: Mapped[float | None]
    normalized_n: Mapped[int | None] = mapped_column(Integer)
    normalized_baseline: Mapped[float | None]


class TraceSavings(SavingsColumns, Base):
    """What one trace saved, in its unit."""

    __tablename__ = "trace_savings"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_result_id: Mapped[int] = mapped_column(ForeignKey("project_results.id", ondelete="CASCADE"), index=True)
    energy_trace_id: Mapped[int]
    trace_interpretation: Mapped[str]
    unit: Mapped[str] = mapped_column(String(3))


class SavingsAggregation(SavingsColumns, Base):
    """What was saved, summed over the traces of an interpretation, in kWh."""

    __tablename__ = "savings_aggregations"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_result_id: Mapped[int] = mapped_column(ForeignKey("project_results.id", ondelete="CASCADE"), index=True)
    trace_interpretation: Mapped[str]


class SavingsMonth(Base):
    """What a savings aggregation has of one calendar month, in kWh, against what was measured."""

    __tablename__ = "savings_months"
    __table_args__ = (PrimaryKeyConstraint("project_result_id", "trace_interpretation", "month"),)

    project_result_id: Mapped[int] = mapped_column(ForeignKey("project_results.id", ondelete="CASCADE"))
    trace_interpretation: Mapped[str]
    month: Mapped[date]
    value: Mapped[float]
    n: Mapped[int] = mapped_column(Integer)
    baseline: Mapped[float]


class TimeSeries(Base):
    """What a trace used and what its models say of it, in arrays of the same length."""

    __tablename__ = "time_series"
    __table_args__ = (PrimaryKeyConstraint("project_result_id", "energy_trace_id"),)

    project_result_id: Mapped[int] = mapped_column(ForeignKey("project_results.id", ondelete="CASCADE"))
    energy_trace_id: Mapped[int]
    resolution: Mapped[str]
    start: Mapped[list[datetime]] = mapped_column(ARRAY(TIMESTAMP(timezone=True)))
    day: Mapped[list[date] | None] = mapped_column(ARRAY(Date))
    observed: Mapped[list[float]] = mapped_column(ARRAY(Double))
    temperature: Mapped[list[float]] = mapped_column(ARRAY(Double))
    baseline: Mapped[list[float]] = mapped_column(ARRAY(Double))
    lower: Mapped[list[float]] = mapped_column(ARRAY(Double))
    upper: Mapped[list[float]] = mapped_column(ARRAY(Double))
    reporting: Mapped[list[float]] = mapped_column(ARRAY(Double))


class RegistryConnection(Base):
    """A registry that may read anonymised summaries of some projects."""

    __tablename__ = "registry_connections"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_owner_id: Mapped[int] = mapped_column(ForeignKey("project_owners.id"), index=True)
    token: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"), unique=True)


class RegistryConnectionProject(Base):
    """A project that a registry may read, under an anonymous name."""

    __tablename__ = "registry_connection_projects"
    __table_args__ = (PrimaryKeyConstraint("registry_connection_id", "project_id"),)

    registry_connection_id: Mapped[int] = mapped_column(
        ForeignKey(
            "registry_connections.id",
            ondelete="CASCADE",
        )
    )
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    registry_id: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))


class Export(Base):
    """The order of a file for a user; eeds.exports.lifecycle moves its status."""

    __tablename__ = "exports"
    __table_args__ = (
        Index("ix_exports_unfinished", "user_id", "id", postgresql_where=text("status IN ('PENDING', 'RUNNING')")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    format: Mapped[str]
    status: Mapped[str] = mapped_column(String(7), server_default=text("'PENDING'"))
    message: Mapped[str | None]
    projects: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    every_result: Mapped[bool] = mapped_column(server_default=text("false"))
    rows_done: Mapped[int] = mapped_column(server_default=text("0"))
    rows_total: Mapped[int | None]
    bytes: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    lost: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    started: Mapped[datetime | None]
    lease_expires: Mapped[datetime | None]
    enqueued: Mapped[datetime | None]
    request_id: Mapped[str | None]
    added: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    updated: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"), onupdate=func.clock_timestamp())


class ExportChunk(Base):
    """A piece of an export's file."""

    __tablename__ = "export_chunks"
    __table_args__ = (PrimaryKeyConstraint("export_id", "position"),)

    export_id: Mapped[int] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes]


class IdempotencyKey(Base):
    """The first answer to a request that carried an Idempotency-Key."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (PrimaryKeyConstraint("user_id", "key"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    key: Mapped[str]
    request_hash: Mapped[bytes]
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[bytes]
    added: Mapped[datetime] = mapped_column(server_default=text("now()"))
