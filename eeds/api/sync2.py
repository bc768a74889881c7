"""`sync2/`: records in bulk, all of a body or none, at the speed of COPY; see eeds.ingest."""

from typing import Any

from flask import Request, Response, request
from flask.views import MethodView
from marshmallow import Schema, fields, validate
from werkzeug.exceptions import RequestEntityTooLarge

from eeds.api.blueprint import Blueprint, batch_refused, json_content
from eeds.api.context import principal, session, settings
from eeds.api.requests import FORMS, UnsupportedBody
from eeds.api.responses import answer
from eeds.ingest.kind import Kind

# JSON has to be held while it is decoded.
MAX_JSON_MB = 256


class StoredSchema(Schema):
    """A body that was stored. The counts add up to the records sent."""

    status = fields.String(validate=validate.Equal("success"))
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    duplicates = fields.Integer(metadata={"description": "Sent more than once in this body; the last one won."})


class RefusalSchema(Schema):
    """Why one record was refused."""

    index = fields.Integer(metadata={"description": "Its place in the body, from 0."})
    field = fields.String(allow_none=True)
    value = fields.Raw(allow_none=True)
    message = fields.String()


class RefusedSchema(Schema):
    """A body of which nothing was stored."""

    status = fields.String(validate=validate.Equal("error"))
    message = fields.String(metadata={"example": "3 of 100000 records refused, none stored"})
    errors = fields.List(fields.Nested(RefusalSchema), metadata={"description": "The first 100 reasons."})


def sync2_view(blueprint: Blueprint, kind: Kind, schema: type[Schema]) -> None:
    """Give the blueprint the view `sync2/`; `schema` documents a record of the body."""
    noun = kind.name.replace("_", " ")

    class Sync2View(MethodView):
        @blueprint.response(200, StoredSchema)
        @blueprint.alt_response(413, description=f"The body is larger than EEDS_MAX_UPLOAD_MB or {MAX_JSON_MB} MB.")
        @blueprint.doc(
            responses={"400": batch_refused(RefusedSchema(), "Some were refused, so none was stored.")},
            summary=f"Create or update {noun} in bulk",
            requestBody={"required": True, "content": json_content(schema(many=True))},
        )
        def post(self) -> Response:
            rows = rows_of(kind, request)
            return answer(kind.store(session(), principal(), rows).report())

    blueprint.route("/sync2/", endpoint=f"{kind.name}_sync2")(Sync2View)


def rows_of(kind: Kind, request: Request) -> Any:
    """The checked rows of the body: a JSON list, one JSON object, or a form with the fields of one record."""
    if request.mimetype in FORMS:
        return kind.rows_of([request.form.to_dict()])
    if request.mimetype not in ("application/json", ""):
        raise UnsupportedBody(request.content_type or "")
    request.max_content_length = min(MAX_JSON_MB, settings().max_upload_mb) * 2**20
    if (request.content_length or 0) > request.max_content_length:
        raise RequestEntityTooLarge
    return kind.rows(request.get_data(cache=False))
