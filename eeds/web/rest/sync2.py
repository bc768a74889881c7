"""`sync2/`: records in bulk, in five formats, all of a body or none, at the speed of COPY; see eeds.records."""

import tempfile
from dataclasses import asdict
from typing import IO
from wsgiref.util import FileWrapper

from flask import Request, Response, after_this_request, request
from flask.views import MethodView
from marshmallow import Schema, fields, validate

from eeds.errors import Invalid
from eeds.formats.media_types import CSV, JSON
from eeds.formats.spool import spool
from eeds.records.load import MEDIA_TYPES, Wish, load, load_segments
from eeds.records.record_type import Kind
from eeds.records.refusals import Loaded, Refused
from eeds.web.context import principal, session, settings
from eeds.web.metrics import RECORDS
from eeds.web.negotiation import media_type
from eeds.web.requests import FORMS, UnsupportedBody, whole_body
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint, batch_refused, json_content

# JSON that is malformed is held from there on, to say what is wrong with it.
MAX_JSON_MB = 256
MODES = ("all", "partial")
PARAMETERS = [
    {
        "in": "query",
        "name": "mode",
        "description": "`partial` stores the good records of a body that has bad ones too.",
        "schema": {"type": "string", "enum": list(MODES), "default": "all"},
    },
    {
        "in": "query",
        "name": "dry_run",
        "description": "`true`: check and count, but store nothing.",
        "schema": {"type": "string", "enum": ["true", "false"]},
    },
]


class StoredSchema(Schema):
    """A body that was stored. The counts, with `refused` in a partial load, add up to the records sent."""

    status = fields.String(validate=validate.Equal("success"))
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    duplicates = fields.Integer(metadata={"description": "Sent more than once in this body; the last one won."})
    dry_run = fields.Boolean(metadata={"description": "True: nothing was stored."})
    refused = fields.Integer(metadata={"description": "With mode=partial."})
    errors = fields.List(fields.Nested(lambda: RefusalSchema()), metadata={"description": "With mode=partial."})


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
    binary = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in MEDIA_TYPES[1:]}

    class Sync2View(MethodView):
        @blueprint.response(200, StoredSchema)
        @blueprint.alt_response(413, description=f"More than EEDS_MAX_UPLOAD_MB, or {MAX_JSON_MB} MB of JSON.")
        @blueprint.doc(
            parameters=PARAMETERS,
            responses={"400": batch_refused(RefusedSchema(), "Some were refused, so none was stored.")},
            summary=f"Create or update {noun} in bulk",
            requestBody={"required": True, "content": {**json_content(schema(many=True)), **binary}},
        )
        def post(self) -> Response:
            wish = wish_of(request)
            try:
                loaded = load_request(kind, request, wish)
            except Refused as error:
                return refused_rows(wish.refused, 400) if wish.refused else answer(error.report(), 400)
            count(kind, loaded)
            if wish.refused and loaded.refused.records:
                return refused_rows(wish.refused, 200)
            return answer(loaded.report())

    blueprint.route("/sync2/", endpoint=f"{kind.name}_sync2", offers={"json": JSON, "csv": CSV})(Sync2View)


def load_request(kind: Kind, request: Request, wish: Wish) -> Loaded:
    """Load the body: in one of the formats, or a form with the fields of one record."""
    if request.mimetype in FORMS:
        form = request.form.to_dict()
        return load_segments(session(), principal(), kind, lambda: iter([kind.untyped([form], 0)]), wish)
    sent_as = request.mimetype or JSON
    if sent_as not in MEDIA_TYPES:
        raise UnsupportedBody(request.content_type or "")
    limit = settings().max_upload_mb if sent_as != JSON else min(MAX_JSON_MB, settings().max_upload_mb)
    with spool(whole_body(request), request.headers.get("Content-Encoding", ""), limit * 2**20) as body:
        return load(session(), principal(), kind, sent_as, body, wish)


def count(kind: Kind, loaded: Loaded) -> None:
    """For /metrics; what a dry run would have done is not counted."""
    if not loaded.dry_run:
        for outcome, number in {**asdict(loaded.counts), "refused": loaded.refused.records}.items():
            RECORDS.labels(kind.name, outcome).inc(number)


def wish_of(request: Request) -> Wish:
    """What the query asks for; raises Invalid."""
    mode, dry_run = request.args.get("mode", "all"), request.args.get("dry_run", "false")
    if mode not in MODES:
        raise Invalid({"mode": [f'"{mode}" is not a valid choice.']})
    if dry_run not in ("true", "false"):
        raise Invalid({"dry_run": [f'"{dry_run}" is not a valid choice.']})
    return Wish(mode == "partial", dry_run == "true", file_for_refused() if media_type() == CSV else None)


def file_for_refused() -> IO[bytes]:
    """A file for the refused records, which a client asks for that accepts CSV. It goes with the request."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the answer is sent

    @after_this_request
    def close_when_sent(response: Response) -> Response:
        response.call_on_close(file.close)
        return response

    return file


def refused_rows(file: IO[bytes], status: int) -> Response:
    """The refused records, each with its line and what is wrong with it, ready to be mended and sent again."""
    file.seek(0)
    response = Response(FileWrapper(file), status, mimetype=CSV)
    response.headers["Content-Disposition"] = 'attachment; filename="refused.csv"'
    return response
