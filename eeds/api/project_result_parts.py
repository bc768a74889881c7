"""What a project result has under URLs of its own: its savings, its time series, and where its figures come from."""

from collections.abc import Sequence

from flask import Response, request
from flask.views import MethodView
from marshmallow import INCLUDE, Schema, fields

from eeds.formats.format import BY_MEDIA_TYPE, CSV, JSON, PARQUET
from eeds.formats.values import parse_int
from eeds.runs.results import operations
from eeds.web.context import principal, session
from eeds.web.negotiation import media_type, offer
from eeds.web.responses import answer, answer_file
from eeds.web.rest.blueprint import ID, Blueprint, Detail, format_parameters, format_responses
from eeds.web.rest.filters import Args

OFFERS = offer((JSON, CSV, PARQUET))
TRACE = {
    "in": "query",
    "name": "trace",
    "description": "The id of a consumption metadata.",
    "schema": {"type": "integer"},
}


class SavingsSchema(Schema):
    """Energy that was saved; upper and lower are distances to the bounds."""

    value = fields.Float(allow_none=True)
    upper = fields.Float(allow_none=True)
    lower = fields.Float(allow_none=True)
    n = fields.Integer(metadata={"description": "The days that were summed."})
    baseline = fields.Float(allow_none=True, metadata={"description": "The use without the retrofit."})
    fraction = fields.Float(allow_none=True, metadata={"description": "value / baseline"})
    fsu = fields.Float(
        allow_none=True, metadata={"description": "Fractional savings uncertainty: (lower + upper) / 2 / |value|"}
    )
    offset = fields.Float(allow_none=True, metadata={"description": "The error of value that is expected, signed."})
    variance = fields.Float(allow_none=True, metadata={"description": "Of the error, without what others share."})
    shared = fields.Float(
        allow_none=True,
        metadata={"description": "Standard deviation of the error shared by all buildings of one station and model."},
    )
    freedom = fields.Float(allow_none=True, metadata={"description": "Degrees of freedom of Student's t."})


class MonthSavingsSchema(Schema):
    """Metered savings of a calendar month, and of all up to it; upper and lower are distances to the bounds."""

    month = fields.String(metadata={"description": "As 2014-03."})
    value = fields.Float()
    upper = fields.Float(allow_none=True, metadata={"description": "Null in results of earlier releases."})
    lower = fields.Float(allow_none=True)
    n = fields.Integer(metadata={"description": "The days that were summed."})
    baseline = fields.Float(metadata={"description": "The use without the retrofit."})
    cumulative_value = fields.Float(metadata={"description": "From the first month to the end of this one."})
    cumulative_upper = fields.Float(allow_none=True)
    cumulative_lower = fields.Float(allow_none=True)


class TraceSavingsSchema(Schema):
    """The savings of a trace in its unit, null where a model is missing."""

    energy_trace = fields.Integer()
    trace_interpretation = fields.String()
    unit = fields.String()
    metered_savings = fields.Nested(SavingsSchema, allow_none=True)
    normalized_savings = fields.Nested(SavingsSchema, allow_none=True)
    months = fields.List(fields.Nested(MonthSavingsSchema), metadata={"description": "Of metered savings."})
    status = fields.String(metadata={"description": "SUCCESS, or why a model is missing."})


class SavingsAggregationSchema(Schema):
    """Savings summed over the traces of an interpretation, in kWh."""

    trace_interpretation = fields.String()
    unit = fields.String()
    metered_savings = fields.Nested(SavingsSchema, allow_none=True)
    normalized_savings = fields.Nested(SavingsSchema, allow_none=True)
    months = fields.List(fields.Nested(MonthSavingsSchema), metadata={"description": "Of metered savings."})
    fractional_bias_error = fields.Float(
        allow_none=True, metadata={"description": "What the models' mean biases make of the metered savings."}
    )


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


def result_part_views(blueprint: Blueprint) -> None:
    """GET ID/savings/, ID/timeseries/ and ID/provenance/"""

    @blueprint.route(f"/{ID}/savings/", endpoint="ProjectResultSavings", parameters=[])
    class SavingsView(MethodView):
        """What was saved."""

        @blueprint.response(200, ProjectSavingsSchema)
        @blueprint.alt_response(404, schema=Detail)
        @blueprint.doc(summary="Get the savings that a project result found")
        def get(self, id: int) -> Response:
            return answer(operations.savings(session(), principal(), id))

    @blueprint.route(f"/{ID}/timeseries/", endpoint="ProjectResultTimeSeries", offers=OFFERS, parameters=[])
    class TimeSeriesView(MethodView):
        """What was measured and predicted, row by row."""

        @blueprint.response(200, TimeSeriesRowSchema(many=True))
        @blueprint.alt_response(404, schema=Detail)
        @blueprint.alt_response(410, schema=Detail, description="They are not kept any more; all else is.")
        @blueprint.doc(
            summary="List what was measured and predicted, by trace and time",
            parameters=[TRACE, *format_parameters(OFFERS)],
            responses=format_responses(OFFERS),
        )
        def get(self, id: int) -> Response:
            format, traces = BY_MEDIA_TYPE[media_type()], trace_ids(request.args)
            return answer_file(operations.series_file(session(), principal(), id, format, traces))

    @blueprint.route(f"/{ID}/provenance/", endpoint="ProjectResultProvenance", parameters=[])
    class ProvenanceView(MethodView):
        """Where the figures come from."""

        @blueprint.response(200, ProvenanceSchema)
        @blueprint.alt_response(404, schema=Detail)
        @blueprint.doc(summary="Get what the figures of a project result were computed from and with")
        def get(self, id: int) -> Response:
            return answer(operations.provenance(session(), principal(), id))


def trace_ids(args: Args) -> Sequence[int] | None:
    """The trace that `?trace=` names, none where it is no id, None where there is no such parameter."""
    given = [value for value in args.getlist("trace") if value]
    return [id for value in given[-1:] if (id := parse_int(value)) is not None] if given else None
