"""`sync2/`: records in bulk, in five formats, all of a body or none, at the speed of COPY; see eeds.records."""

import io
import math
import reprlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import IO, Any
from wsgiref.util import FileWrapper

import msgspec
from flask import Request, Response, after_this_request, request
from flask.views import MethodView
from marshmallow import Schema, fields, validate

from eeds.errors import Invalid
from eeds.formats.media_types import CSV, JSON
from eeds.projects.upload_rows import Problem
from eeds.records.greenbutton.readings import ReadingRefusal
from eeds.records.operations import MEDIA_TYPES, LoadOptions, load_records
from eeds.records.record_type import RecordType
from eeds.records.refusals import LineRefusal, Refusal
from eeds.records.refused_rows import Loaded, Refusals, Refused
from eeds.web.context import principal, session, settings
from eeds.web.metrics import count_records
from eeds.web.negotiation import media_type
from eeds.web.requests import FORMS, UnsupportedBody, load_limits, unpacked_body
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint, batch_refused, json_content

# JSON that is malformed is held from there on, to say what is wrong with it.
MAX_JSON_MB = 256
MODES = ("all", "partial")
SHOWN_CHARACTERS = 200
BINARY = {"schema": {"type": "string", "format": "binary"}}
NOTES = {"description": "What was made of the values before they were stored, if something was."}
IGNORED = {"description": "Of a table: the columns that nothing is made of, where there are some."}


def query_parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    """The OpenAPI description of a parameter in the query."""
    return {"in": "query", "name": name, "description": description, "schema": schema}


def flag_parameter(name: str, description: str) -> dict[str, Any]:
    """The OpenAPI description of a flag in the query."""
    return query_parameter(name, description, type="string", enum=["true", "false"])


PARAMETERS = [
    query_parameter(
        "mode",
        "`partial` stores the good records of a body that has bad ones too.",
        type="string",
        enum=list(MODES),
        default="all",
    ),
    flag_parameter("dry_run", "`true`: check and count, but store nothing."),
    query_parameter("file_name", "Of the file in the body, for the list of loads.", type="string"),
]


class OutcomesSchema(Schema):
    """How many became what."""

    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()


class StoredSchema(OutcomesSchema):
    """A body that was stored. The counts, with `refused` in a partial load, add up to the records sent."""

    status = fields.String(validate=validate.Equal("success"))
    duplicates = fields.Integer(metadata={"description": "Sent more than once in this body; the last one won."})
    ignored_columns = fields.List(fields.String(), metadata=IGNORED)
    notes = fields.List(fields.String(), metadata=NOTES)
    dry_run = fields.Boolean(metadata={"description": "True: nothing was stored."})
    refused = fields.Integer(metadata={"description": "With mode=partial."})
    errors = fields.List(fields.Nested(lambda: RefusalSchema()), metadata={"description": "With mode=partial."})


class ReasonSchema(Schema):
    """What is wrong with a record or a row."""

    field = fields.String(allow_none=True, metadata={"description": "Of a table, as it calls the column."})
    value = fields.Raw(allow_none=True)
    message = fields.String()


class RefusalSchema(ReasonSchema):
    """Why one record was refused."""

    index = fields.Integer(metadata={"description": "Its place in the body, from 0."})


class RefusedSchema(Schema):
    """A body of which nothing was stored."""

    status = fields.String(validate=validate.Equal("error"))
    message = fields.String(metadata={"example": "3 of 100000 records refused, none stored"})
    errors = fields.List(fields.Nested(RefusalSchema), metadata={"description": "The first 100 reasons."})
    ignored_columns = fields.List(fields.String(), metadata=IGNORED)


def sync2_view(blueprint: Blueprint, record_type: RecordType, schema: type[Schema]) -> None:
    """Give the blueprint the view `sync2/`; `schema` documents a record of the body."""
    noun = record_type.name.replace("_", " ")
    binary = dict.fromkeys(MEDIA_TYPES[1:], BINARY)

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
            return answer_to_load(partial(load_request, record_type, request))

    blueprint.route("/sync2/", endpoint=f"{record_type.name}_sync2", offers={"json": JSON, "csv": CSV})(Sync2View)


def answer_to_load(load: Callable[[LoadOptions], Loaded]) -> Response:
    """The answer to a load with the options of the request: what became of its records, or the refused rows as CSV
    where the client asks for that."""
    options = load_options(request, file_for_refused() if media_type() == CSV else None)
    try:
        loaded = load(options)
    except Refused as error:
        return refused_rows(options.refused, 400) if options.refused else answer(refused_answer(error), 400)
    if options.refused and loaded.refused.records:
        return refused_rows(options.refused, 200)
    return answer(loaded_answer(loaded, options))


def load_request(record_type: RecordType, request: Request, options: LoadOptions) -> Loaded:
    """Load the body: in one of the formats, or a form with the fields of one record."""
    sent_as = request.mimetype or JSON
    if sent_as in FORMS:
        form = io.BytesIO(msgspec.json.encode(request.form.to_dict()))
        loaded = load_records(session(), principal(), record_type, JSON, form, options)
    elif sent_as in MEDIA_TYPES:
        limit = settings().max_upload_mb if sent_as != JSON else min(MAX_JSON_MB, settings().max_upload_mb)
        with unpacked_body(request, limit * 2**20) as body:
            loaded = load_records(session(), principal(), record_type, sent_as, body, options)
    else:
        raise UnsupportedBody(request.content_type or "")
    if not options.dry_run:
        count_records(record_type.name, loaded.counts, loaded.refused)
    return loaded


def load_options(request: Request, refused: IO[bytes] | None = None) -> LoadOptions:
    """What the query asks for; raises Invalid."""
    partial, dry_run = choice_in(request, "mode", MODES) == "partial", flag_in(request, "dry_run")
    return LoadOptions(load_limits(), partial, dry_run, refused)


def flag_in(request: Request, name: str, *, default: bool = False) -> bool:
    """A flag in the query; raises Invalid."""
    return choice_in(request, name, ("true", "false") if default else ("false", "true")) == "true"


def choice_in(request: Request, name: str, choices: Sequence[str]) -> str:
    """A word in the query, the first of the choices if it is not there; raises Invalid."""
    word = request.args.get(name, choices[0])
    if word not in choices:
        raise Invalid({name: [f'"{word}" is not a valid choice.']})
    return word


def loaded_answer(loaded: Loaded, options: LoadOptions) -> dict[str, Any]:
    """The answer to a load that was stored, or would have been."""
    return {
        "status": "success",
        **asdict(loaded.counts),
        **ignored_columns(loaded.ignored_columns),
        **({"notes": list(loaded.notes)} if loaded.notes else {}),
        **outcome_of_options(options, loaded.refused),
    }


def outcome_of_options(options: LoadOptions, refused: Refusals) -> dict[str, Any]:
    """What an answer has more for a dry run, and where some of a body may be stored without the rest."""
    dry_run = {"dry_run": True} if options.dry_run else {}
    return {**dry_run, **({"refused": refused.records, "errors": listed(refused)} if options.partial else {})}


def refused_answer(error: Refused) -> dict[str, Any]:
    """The answer where some records cannot be stored, so none was."""
    return {
        "status": "error",
        "message": str(error),
        "errors": listed(error.refused),
        **ignored_columns(error.ignored_columns),
    }


def ignored_columns(names: Sequence[str]) -> dict[str, Any]:
    """The columns that nothing is made of, where there are some."""
    return {"ignored_columns": list(names)} if names else {}


def listed(refused: Refusals) -> list[dict[str, Any]]:
    """The first reasons; of a Green Button file with the place of the reading."""
    return [place_of(each) | reason_item({"index": each.row}, each) for each in refused.listed]


def place_of(refusal: Refusal) -> dict[str, Any]:
    """Where a refused reading stands, of one that knows its line."""
    if isinstance(refusal, ReadingRefusal):
        return {"file": refusal.file, "line": refusal.line}
    return {"line": refusal.line} if isinstance(refusal, LineRefusal) else {}


def reason_item(place: Mapping[str, int], reason: Refusal | Problem) -> dict[str, Any]:
    """What is wrong at a place of a body, as an answer has it."""
    value = printable_value(reason.value)
    return {**place, "field": reason.field, "value": value, "message": reason.message}


def printable_value(value: Any) -> Any:
    """A refused value so that it can be sent and read: long texts are cut, lists and objects become a short text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, bool | int | float | None):
        return value
    if not isinstance(value, str):
        return reprlib.repr(value)
    text = value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "..."
    return text.encode(errors="replace").decode()  # an unpaired surrogate cannot be sent


def file_for_refused() -> IO[bytes]:
    """A file for the refused records, which a client asks for that accepts CSV. It goes with the request."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the answer is sent

    @after_this_request
    def close_when_sent(response: Response) -> Response:
        response.call_on_close(file.close)
        return response

    return file


def refused_rows(file: IO[bytes], status: int) -> Response:
    """The refused records, each with its line and what is wrong with it, ready to be corrected and sent again."""
    file.seek(0)
    response = Response(FileWrapper(file), status, mimetype=CSV)
    response.headers["Content-Disposition"] = 'attachment; filename="refused.csv"'
    return response
