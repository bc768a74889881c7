"""Bodies in: JSON or a form, whichever the client sent, checked against a schema with all its references at once."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, HTTPException

from eeds.errors import Invalid

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class UnsupportedBody(HTTPException):
    """The body has a media type that nothing here reads."""

    code = 415

    def __init__(self, media_type: str) -> None:
        super().__init__(f'Unsupported media type "{media_type}" in request.')


def read_body(request: Request) -> Any:
    """The decoded body: what the JSON says, a form's fields as a dict, {} for no body at all."""
    if request.mimetype in FORMS:
        return request.form.to_dict()
    if request.mimetype not in ("application/json", ""):
        raise UnsupportedBody(request.content_type or "")
    body = request.get_data()
    if not body.strip():
        return {}
    try:
        return json.loads(body)  # the standard library's, because clients send NaN, as the original's own did
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"JSON parse error - {error}") from error


def read_object(request: Request) -> Mapping[str, Any]:
    """The body, if it is one object; raises Invalid."""
    body = read_body(request)
    if body is None:
        raise Invalid({"non_field_errors": ["No data provided"]})
    if not isinstance(body, Mapping):
        kind = type(body).__name__
        raise Invalid({"non_field_errors": [f"Invalid data. Expected a dictionary, but got {kind}."]})
    return body


def read_list(request: Request) -> list[Any]:
    """The body, if it is a list; raises Invalid."""
    body = read_body(request)
    if not isinstance(body, list):
        raise Invalid({"non_field_errors": [f'Expected a list of items but got type "{type(body).__name__}".']})
    return body


class BodyParser(FlaskParser):
    """webargs, reading our bodies and answering in our words."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        """One object, or with a schema of many a list of objects."""
        return read_list(req) if schema.many else read_object(req)

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **kwargs: Any) -> NoReturn:
        """All errors of the body, fields in the order of the schema."""
        messages: Any = error.messages_dict["json"]  # webargs files them under the location
        raise Invalid({field: messages[field] for field in (*schema.fields, *messages) if field in messages})
