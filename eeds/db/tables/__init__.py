"""The tables, typed, by noun. sql/migrations makes them; a test proves that the two are equal."""

from eeds.db.tables.accounts import IdempotencyKey, OAuthClient, ProjectOwner, Token, User
from eeds.db.tables.base import Base
from eeds.db.tables.exports import Export, ExportChunk
from eeds.db.tables.projects import (
    DATA_TYPES,
    Project,
    ProjectAttribute,
    ProjectAttributeKey,
    ProjectBlock,
    ProjectBlockProject,
)
from eeds.db.tables.records import ConsumptionMetadata, ConsumptionRecord, DeletedTrace
from eeds.db.tables.registry import RegistryConnection, RegistryConnectionProject
from eeds.db.tables.results import (
    Derivative,
    DerivativeAggregation,
    EnergyTraceModelResult,
    ModelingPeriod,
    ModelingPeriodGroup,
    ProjectResult,
    SavingsAggregation,
    SavingsMonth,
    TimeSeries,
    TraceSavings,
)
from eeds.db.tables.runs import ProjectRun
from eeds.db.tables.weather import ProjectWeather, WeatherFetch, WeatherNormal, WeatherYear

__all__ = [
    "DATA_TYPES",
    "Base",
    "ConsumptionMetadata",
    "ConsumptionRecord",
    "DeletedTrace",
    "Derivative",
    "DerivativeAggregation",
    "EnergyTraceModelResult",
    "Export",
    "ExportChunk",
    "IdempotencyKey",
    "ModelingPeriod",
    "ModelingPeriodGroup",
    "OAuthClient",
    "Project",
    "ProjectAttribute",
    "ProjectAttributeKey",
    "ProjectBlock",
    "ProjectBlockProject",
    "ProjectOwner",
    "ProjectResult",
    "ProjectRun",
    "ProjectWeather",
    "RegistryConnection",
    "RegistryConnectionProject",
    "SavingsAggregation",
    "SavingsMonth",
    "TimeSeries",
    "Token",
    "TraceSavings",
    "User",
    "WeatherFetch",
    "WeatherNormal",
    "WeatherYear",
]
