"""What a project result has under URLs of its own: its savings, its time series, and where its figures come from."""

from collections.abc import Iterable
from typing import Any

from flask import Response, request
from flask.views import MethodView
from marshmallow import INCLUDE, Schema, fields
from sqlalchemy import ColumnElement, Row, SQLColumnExpression, exists, select

from eeds.accounts.visibility import visible
from eeds.db.cursors import chunks_of
from eeds.db.tables import ProjectResult, TimeSeries
from eeds.errors import NotFound
from eeds.formats.media_types import JSON
from eeds.runs.results.savings import savings_of
from eeds.runs.results.series_formats import FORMATS, rows_of
from eeds.runs.results.time_series import HOURLY
from eeds.web.context import principal, session
from eeds.web.negotiation import format_parameters, media_type
from eeds.web.responses import answer, answer_stream
from eeds.web.rest.blueprint import ID, Blueprint, Detail, format_responses
from eeds.web.rest.filters import conditions, key

CONFIDENCE_LEVEL = ProjectResult.provenance["settings"]["confidence_level"]
IS_HOURLY = exists().where(TimeSeries.project_result_id == ProjectResult.id, TimeSeries.resolution == HOURLY)
OFFERS = {format.name: format.media_type for format in FORMATS}
FILTERS = {"trace": key(TimeSeries.energy_trace_id, "consumption metadata")}


class SavingsSchema(Schema):
    """Energy that was saved; upper and lower are distances to the bounds."""

    value = fields.Float(allow_none=True)
    upper = fields.Float(allow_none=True)
    lower = fields.Float(allow_none=True)
    n = fields.Integer(metadata={"description": "The days that were summed."})
    baseline = fields.Float(allow_none=True, metadata={"description": "The use without the retrofit."})
    fraction = fields.Float(allow_none=True, metadata={"description": "value / baseline"})
    fsu = fields.Float(allow_none=True, metadata={"description": "Fractional savings uncertainty: lower / |value|"})


class TraceSavingsSchema(Schema):
    """The savings of a trace in its unit, null where a model is missing."""

    energy_trace = fields.Integer()
    trace_interpretation = fields.String()
    unit = fields.String()
    metered_savings = fields.Nested(SavingsSchema, allow_none=True)
    normalized_savings = fields.Nested(SavingsSchema, allow_none=True)
    status = fields.String(metadata={"description": "SUCCESS, or why a model is missing."})


class SavingsAggregationSchema(Schema):
    """Savings summed over the traces of an interpretation, in kWh."""

    trace_interpretation = fields.String()
    unit = fields.String()
    metered_savings = fields.Nested(SavingsSchema, allow_none=True)
    normalized_savings = fields.Nested(SavingsSchema, allow_none=True)


class ProjectSavingsSchema(Schema):
    """What was saved, by trace and in sum."""

    project_result = fields.Integer()
    confidence_level = fields.Float(allow_none=True)
    traces = fields.List(fields.Nested(TraceSavingsSchema))
    aggregations = fields.List(fields.Nested(SavingsAggregationSchema))


class TimeSeriesRowSchema(Schema):
    """A day, an hour or a billing period of a trace: energy in its unit, degrees Fahrenheit."""

    energy_trace = fields.Integer()
    date = fields.String(metadata={"description": "The local day; for rows of hours the instant."})
    observed = fields.Float(allow_none=True)
    temperature = fields.Float(allow_none=True)
    baseline = fields.Float(allow_none=True, metadata={"description": "What the baseline model predicts."})
    lower = fields.Float(allow_none=True, metadata={"description": "Bounds of what would be measured without"})
    upper = fields.Float(allow_none=True, metadata={"description": "the retrofit; not distances."})
    reporting = fields.Float(allow_none=True, metadata={"description": "What the reporting model predicts."})


class ProvenanceSchema(Schema):
    """Versions, hash of the input, settings and weather; empty for a result that no run has found."""

    class Meta:
        """More keys may come."""

        unknown = INCLUDE

    versions = fields.Dict(keys=fields.String(), values=fields.String())
    input_sha256 = fields.String()
    settings = fields.Dict()
    weather = fields.Dict()
    reused_from = fields.Integer(metadata={"description": "The result of which this one is a copy."})


def savings_view(blueprint: Blueprint) -> None:
    """GET ID/savings/"""

    @blueprint.route(f"/{ID}/savings/", endpoint="ProjectResultSavings", parameters=[])
    class SavingsView(MethodView):
        """What was saved."""

        @blueprint.response(200, ProjectSavingsSchema)
        @blueprint.alt_response(404, schema=Detail)
        @blueprint.doc(summary="Get the savings that a project result found")
        def get(self, id: int) -> Response:
            (level,) = of_result(id, CONFIDENCE_LEVEL)
            return answer({"project_result": id, "confidence_level": level, **savings_of(session(), id)})


def time_series_view(blueprint: Blueprint) -> None:
    """GET ID/timeseries/"""

    @blueprint.route(f"/{ID}/timeseries/", endpoint="ProjectResultTimeSeries", offers=OFFERS, parameters=[])
    class TimeSeriesView(MethodView):
        """What was measured and predicted, row by row."""

        @blueprint.response(200, TimeSeriesRowSchema(many=True))
        @blueprint.alt_response(404, schema=Detail)
        @blueprint.doc(
            summary="List what was measured and predicted, by trace and time",
            parameters=[*(known.document(name) for name, known in FILTERS.items()), *format_parameters(OFFERS)],
            responses=format_responses(OFFERS),
        )
        def get(self, id: int) -> Response:
            return time_series(id, media_type(), conditions(FILTERS, request.args))


def time_series(id: int, media_type: str, wanted: Iterable[ColumnElement[bool]]) -> Response:
    """The rows of a result that are wanted in that format, as a file unless it is JSON; raises NotFound."""
    (hourly,) = of_result(id, IS_HOURLY)
    format = next(known for known in FORMATS if known.media_type == media_type)
    statement = rows_of(id, format, hourly).where(*wanted)
    response = answer_stream(format.write(chunks_of(session(), statement), hourly), format.media_type)
    response.vary.add("Accept")
    if format.media_type != JSON:
        file = f"project_result_{id}_timeseries.{format.name}"
        response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def provenance_view(blueprint: Blueprint) -> None:
    """GET ID/provenance/"""

    @blueprint.route(f"/{ID}/provenance/", endpoint="ProjectResultProvenance", parameters=[])
    class ProvenanceView(MethodView):
        """Where the figures come from."""

        @blueprint.response(200, ProvenanceSchema)
        @blueprint.alt_response(404, schema=Detail)
        @blueprint.doc(summary="Get what the figures of a project result were computed from and with")
        def get(self, id: int) -> Response:
            (provenance,) = of_result(id, ProjectResult.provenance)
            return answer(provenance or {})


def of_result(id: int, column: SQLColumnExpression[Any]) -> Row[Any]:
    """A column of a result that the asker may see; raises NotFound."""
    statement = select(column).where(ProjectResult.id == id, visible(principal(), ProjectResult))
    row = session().execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return row
