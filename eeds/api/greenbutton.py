"""/api/v1/greenbutton/: Green Button files (NAESB REQ.21, ESPI) into the traces of a project."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from flask import Request, Response, request
from flask.views import MethodView
from marshmallow import Schema, fields, validate

from eeds.accounts.project_names import project_named
from eeds.accounts.visibility import invisible_ids
from eeds.db.tables import Project
from eeds.errors import Invalid
from eeds.formats.messages import REQUIRED, invalid_pk, not_a_pk
from eeds.formats.units import parse_heating_value
from eeds.formats.values import checked_text, parse_int
from eeds.records.balance import Balance
from eeds.records.greenbutton.load import LoadedBody, LoadedTrace, load_green_button
from eeds.records.greenbutton.refused_body import BodyRefused, Skipped
from eeds.records.merging import Change
from eeds.records.operations import LoadOptions
from eeds.records.refused_rows import LISTED
from eeds.web.context import may_read, principal, session, settings
from eeds.web.metrics import count_records
from eeds.web.requests import unpacked_body
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint, batch_refused, query_parameter
from eeds.web.rest.sync2 import PARAMETERS, RefusalSchema, listed, load_options, outcome_of_options

XML, ZIP = "application/atom+xml", "application/zip"
BINARY = {"schema": {"type": "string", "format": "binary"}}
PROJECT_PARAMETERS = [
    query_parameter(
        "project", "The id of the project that the readings are of; this or `project_id`.", {"type": "integer"}
    ),
    query_parameter("project_id", "Its name instead.", {"type": "string"}),
    query_parameter(
        "heating_value",
        "Of gas in volumes, to make energy of it: such as 38.5 MJ/m3 or 1035 BTU/ft3.",
        {"type": "string"},
    ),
]


class ReadingRefusalSchema(RefusalSchema):
    """Why one reading was refused."""

    file = fields.String(allow_none=True, metadata={"description": "In a zip."})
    line = fields.Integer(metadata={"description": "Where its IntervalReading begins."})


class SkippedSchema(Schema):
    """What of a body is nothing that can be stored."""

    file = fields.String(allow_none=True, metadata={"description": "In a zip."})
    line = fields.Integer(metadata={"description": "Where its entry begins; 0 where there is none."})
    what = fields.String(metadata={"example": "MeterReading Subscription/1/UsagePoint/2/MeterReading/3"})
    reason = fields.String()
    readings = fields.Integer(metadata={"description": "That it has, none of which is stored."})


class CountsSchema(Schema):
    """What became of records."""

    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    duplicates = fields.Integer()


class TallySchema(Schema):
    """Some readings and the energy in them."""

    readings = fields.Integer()
    energy = fields.Float(metadata={"description": "In the unit of the trace."})


class BalanceSchema(Schema):
    """What became of readings and their energy: `received` is the sum of `stored`, `summed`, `refused` and
    `replaced`."""

    received = fields.Nested(TallySchema)
    stored = fields.Nested(TallySchema)
    summed = fields.Nested(TallySchema, metadata={"description": "Registers, added to others, which have the energy."})
    refused = fields.Nested(TallySchema)
    replaced = fields.Nested(
        TallySchema, metadata={"description": "Gave way to others of their time: repeated, corrected or finer ones."}
    )
    overwritten = fields.Nested(
        TallySchema,
        metadata={"description": "Were stored before, and are no more, or less. Not for tokens that may not read."},
    )


class ReadingChangeSchema(Schema):
    """A stored reading that is, or would be, another one. Its values are not for tokens that may not read."""

    trace = fields.Integer()
    start = fields.DateTime()
    before = fields.Float()
    after = fields.Float(allow_none=True, metadata={"description": "Null: no reading starts there any more."})


class GreenButtonTraceSchema(CountsSchema):
    """What became of the readings of a usage point in one direction."""

    id = fields.Integer(allow_none=True, metadata={"description": "Of the trace; null in a dry run."})
    label = fields.String(
        allow_none=True,
        metadata={"description": "The id of the usage point, with those of its customer where another one has it."},
    )
    interpretation = fields.String()
    unit = fields.String()
    readings = fields.Integer(metadata={"description": "That are stored."})
    balance = fields.Nested(BalanceSchema)


class GreenButtonStoredSchema(CountsSchema):
    """A body that was stored. The counts are of records: a reading that none follows on has another at its end."""

    status = fields.String(validate=validate.Equal("success"))
    traces = fields.List(fields.Nested(GreenButtonTraceSchema))
    changes = fields.List(
        fields.Nested(ReadingChangeSchema), metadata={"description": "Of each trace the first 100, of all of them 100."}
    )
    skipped = fields.List(fields.Nested(SkippedSchema), metadata={"description": "The first 100."})
    dry_run = fields.Boolean(metadata={"description": "True: nothing was stored."})
    refused = fields.Integer(metadata={"description": "With mode=partial."})
    errors = fields.List(fields.Nested(ReadingRefusalSchema), metadata={"description": "With mode=partial."})


class GreenButtonRefusedSchema(Schema):
    """A body of which nothing was stored."""

    status = fields.String(validate=validate.Equal("error"))
    message = fields.String(metadata={"example": "3 of 8760 readings refused, none stored"})
    errors = fields.List(fields.Nested(ReadingRefusalSchema), metadata={"description": "The first 100 reasons."})
    skipped = fields.List(fields.Nested(SkippedSchema), metadata={"description": "The first 100."})


blueprint = Blueprint("greenbutton", "Green Button files.")


@blueprint.route("/", endpoint="upload")
class GreenButtonView(MethodView):
    """Green Button files that are sent."""

    @blueprint.response(200, GreenButtonStoredSchema)
    @blueprint.alt_response(413, description="More than EEDS_MAX_UPLOAD_MB, as sent or unpacked.")
    @blueprint.doc(
        parameters=[*PROJECT_PARAMETERS, *PARAMETERS],
        responses={"400": batch_refused(GreenButtonRefusedSchema(), "Some were refused, so none was stored.")},
        summary="Load a Green Button file, or a zip of them",
        requestBody={"required": True, "content": {XML: BINARY, ZIP: BINARY}},
    )
    def post(self) -> Response:
        project = project_of(request)
        options = replace(load_options(request), heating_value=heating_value_of(request))
        limit = settings().max_upload_mb * 2**20
        with unpacked_body(request, limit) as body:
            try:
                loaded = load_green_button(session(), principal(), project, body, limit, options)
            except BodyRefused as error:
                return answer(refused_body_answer(error), 400)
        if not options.dry_run:
            count_records("consumption_records", loaded.counts, loaded.refused)
        return answer(loaded_body_answer(loaded, options))


def project_of(request: Request) -> int:
    """The id of the project in the query, which names it or says its id; raises Invalid."""
    sent, name = request.args.get("project"), request.args.get("project_id")
    if (sent is None) == (name is None):
        reason = REQUIRED if name is None else "Give project or project_id, not both."
        raise Invalid({"project": [reason]})
    id = parse_int(sent)
    if name is None:
        if id is None:
            raise Invalid({"project": [not_a_pk(sent)]})
        if invisible_ids(session(), principal(), Project, {id}):
            raise Invalid({"project": [invalid_pk(id)]})
        return id
    try:
        return project_named(session(), principal(), checked_text(name))
    except ValueError as error:
        raise Invalid({"project_id": [str(error)]}) from error


def heating_value_of(request: Request) -> float | None:
    """The heating value in the query, in MJ/m3; raises Invalid."""
    text = request.args.get("heating_value")
    if text is None:
        return None
    try:
        return parse_heating_value(text)
    except ValueError as error:
        raise Invalid({"heating_value": [str(error)]}) from error


def loaded_body_answer(loaded: LoadedBody, options: LoadOptions) -> dict[str, Any]:
    """The answer to a body that was stored, or would have been."""
    return {
        "status": "success",
        **asdict(loaded.counts),
        "traces": [trace_answer(each, options) for each in loaded.traces],
        "changes": [change_answer(change) for each in loaded.traces for change in each.changes][:LISTED],
        "skipped": first_skipped(loaded.skipped),
        **outcome_of_options(options, loaded.refused),
    }


def refused_body_answer(error: BodyRefused) -> dict[str, Any]:
    """The answer where nothing of a body was stored."""
    errors, skipped = listed(error.refused), first_skipped(error.skipped)
    return {"status": "error", "message": str(error), "errors": errors, "skipped": skipped}


def trace_answer(loaded: LoadedTrace, options: LoadOptions) -> dict[str, Any]:
    """A trace in the answer; what a dry run made is no more."""
    return {
        "id": None if options.dry_run else loaded.stored.id,
        "label": loaded.stored.label,
        "interpretation": loaded.trace.interpretation,
        "unit": loaded.stored.unit,
        "readings": loaded.balance.stored.readings,
        **asdict(loaded.counts),
        "balance": balance_answer(loaded.balance),
    }


def balance_answer(balance: Balance) -> dict[str, Any]:
    """A balance in the answer; to whoever may not read, without what had been stored."""
    return {name: tally for name, tally in asdict(balance).items() if name != "overwritten" or may_read()}


def change_answer(change: Change) -> dict[str, Any]:
    """A reading in the answer that is another one than before; to whoever may not read, without its values, of which
    `after` may be the rest of what was stored."""
    place = {"trace": change.trace_id, "start": change.start.isoformat().replace("+00:00", "Z")}
    return {**place, "before": change.before, "after": change.after} if may_read() else place


def first_skipped(skipped: Sequence[Skipped]) -> list[dict[str, Any]]:
    """What was skipped, as far as it is listed."""
    return [each._asdict() for each in skipped[:LISTED]]
