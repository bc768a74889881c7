"""Bodies in: JSON or a form, whichever the client sent, checked against a schema with all its references at once."""

from collections.abc import Mapping, Sequence
from typing import IO, Any, NoReturn, cast

from flask import Request
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wsgi import LimitedStream

from eeds.errors import Invalid, MalformedBody
from eeds.formats.messages import not_an_object
from eeds.formats.values import parse_json

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class UnsupportedBody(HTTPException):
    """The body has a media type that nothing here reads."""

    code = 415

    def __init__(self, media_type: str) -> None:
        super().__init__(f'Unsupported media type "{media_type}" in request.')


class WholeBody(LimitedStream):
    """A body of a known length, which is refused if it ends before."""

    def on_disconnect(self, error: Exception | None = None) -> NoReturn:
        """Raises MalformedBody."""
        raise MalformedBody("The body ends before its end: the connection was cut.") from error


def whole_body(request: Request) -> IO[bytes]:
    """The body as it comes. To gunicorn it ends where the client goes away, and half a CSV looks like a whole one; only
    one that comes in chunks says where it ends."""
    length = request.content_length
    return request.stream if length is None else cast(IO[bytes], WholeBody(request.stream, length))


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
        return parse_json(body)
    except ValueError as error:
        raise BadRequest(f"JSON parse error - {error}") from error


def read_object(request: Request) -> Mapping[str, Any]:
    """The body, if it is one object; raises Invalid."""
    return checked_object(read_body(request))


def checked_object(body: Any) -> Mapping[str, Any]:
    """A decoded body that is one object; raises Invalid."""
    if body is None:
        raise Invalid({"non_field_errors": ["No data provided"]})
    if not isinstance(body, Mapping):
        raise Invalid({"non_field_errors": [not_an_object(body)]})
    return body


def read_list(request: Request) -> list[Any]:
    """The body, if it is a list; raises Invalid."""
    body = read_body(request)
    if not isinstance(body, list):
        raise Invalid({"non_field_errors": [f'Expected a list of items but got type "{type(body).__name__}".']})
    return body


def load_object(schema: Schema, body: Any) -> Any:
    """The checked values of a decoded body that is one object; raises Invalid with the messages of its fields."""
    try:
        return schema.load(checked_object(body))
    except ValidationError as error:
        raise Invalid(in_order(schema, error.messages_dict)) from error


def load_items(schema: Schema, items: Sequence[Any]) -> list[Any]:
    """The checked items of a list; raises Invalid with an object of messages for each, empty for the good ones."""
    try:
        return cast(list[Any], schema.load(items, many=True))
    except ValidationError as error:
        messages: Any = error.messages_dict
        raise Invalid([in_order(schema, messages.get(index, {})) for index in range(len(items))]) from error


def in_order(schema: Schema, messages: Mapping[str, Any]) -> dict[str, Any]:
    """Messages of one item, fields in the order of the schema; those of the item as a whole under their own name."""
    renamed = {"non_field_errors" if field == "_schema" else field: said for field, said in messages.items()}
    return {field: renamed[field] for field in (*schema.fields, *renamed) if field in renamed}


class BodyParser(FlaskParser):
    """webargs, reading our bodies and answering in our words."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body as one object."""
        return read_object(req)

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **kwargs: Any) -> NoReturn:
        """All errors of the body at once."""
        messages: Any = error.messages_dict["json"]  # webargs files them under the location
        raise Invalid(in_order(schema, messages)) from error
