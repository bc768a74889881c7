"""Request bodies: JSON or a form, decoded and checked against a schema."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import IO, Any, NoReturn, cast

from flask import Request
from marshmallow import Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.wsgi import LimitedStream

from eeds.errors import BodyTooLarge, Invalid, MalformedBody
from eeds.formats.messages import not_an_object
from eeds.formats.spool import spool
from eeds.formats.values import checked_text, parse_json
from eeds.records.history.sent import Sent, announce
from eeds.records.limits import LoadLimits
from eeds.web.context import request_id, session, settings
from eeds.web.serving.bodies import ArrivedBody

MAX_NAME = 255  # characters of the name of a file
VALUES_AN_OBJECT = 10  # as many as the widest has that is sent here
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class UnsupportedBody(UnsupportedMediaType):
    """The body has a media type that is not read here."""

    def __init__(self, media_type: str) -> None:
        super().__init__(f'Unsupported media type "{media_type}" in request.')


class WholeBody(LimitedStream):
    """A body with a Content-Length, refused if it is shorter."""

    def on_disconnect(self, error: Exception | None = None) -> NoReturn:
        """Raises MalformedBody."""
        raise MalformedBody("The body ends before its end: the connection was cut.") from error


def whole_body(request: Request) -> IO[bytes]:
    """The body's stream, which raises MalformedBody if the connection is cut before its Content-Length.

    gunicorn ends a stream where the client disconnects, and half a CSV file looks like a whole one. Chunked bodies have
    no length, but an end mark of their own.
    """
    length = request.content_length
    return request.stream if length is None else cast(IO[bytes], WholeBody(request.stream, length))


def unpacked_body(request: Request, limit: int) -> IO[bytes]:
    """The body of an upload, unpacked as its Content-Encoding says, at its beginning; to be closed. Raises
    BodyTooLarge for more than `limit` bytes, MalformedBody, and Invalid for a name that no file can have."""
    name = file_name(request)
    encoding, ratio = request.headers.get("Content-Encoding", ""), settings().limits.unpack_ratio
    length, most = request.content_length, request.max_content_length
    is_allowed = length is not None and length <= limit and (most is None or length <= most)
    arrived = request.environ["wsgi.input"]
    file = arrived.take_file() if is_allowed and not encoding and isinstance(arrived, ArrivedBody) else None
    if file:
        note_sent(name, length or 0, hashlib.file_digest(file, "sha256"))  # type: ignore[arg-type]  # it can be read into
        file.seek(0)
        return file
    sent = HashedInput(whole_body(request))
    unpacked = spool(cast(IO[bytes], sent), encoding, limit, ratio)
    note_sent(name, sent.size, sent.digest)
    return unpacked


class HashedInput:
    """A stream whose bytes are counted and hashed while they are read."""

    def __init__(self, body: IO[bytes]) -> None:
        self.body = body
        self.size = 0
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`."""
        data = self.body.read(size)
        self.size += len(data)
        self.digest.update(data)
        return data


def note_sent(name: str | None, size: int, digest: Any) -> None:
    """Say what was sent, for the row of the load that it becomes."""
    announce(session(), Sent(name, size, digest.digest(), request_id()))


def file_name(request: Request) -> str | None:
    """The name of the file in the body, where the query says it; raises Invalid."""
    try:
        name = checked_text(request.args.get("file_name", ""))
    except ValueError as error:
        raise Invalid({"file_name": [str(error)]}) from error
    if len(name) > MAX_NAME:
        raise Invalid({"file_name": [f"Ensure this field has no more than {MAX_NAME} characters."]})
    return name or None


def load_limits() -> LoadLimits:
    """The bounds of a bulk load, as the settings have them."""
    limits = settings().limits
    return LoadLimits(limits.rows, limits.dry_run_rows, limits.refused_rows)


def read_body(request: Request) -> Any:
    """The decoded body: what the JSON says, a form's fields as a dict, {} for no body at all. Raises BodyTooLarge."""
    if request.mimetype in FORMS:
        return request.form.to_dict()
    if request.mimetype not in ("application/json", ""):
        raise UnsupportedBody(request.content_type or "")
    limits = settings().limits
    body = body_of_json(request, limits.json_mb)
    note_sent(file_name(request), len(body), hashlib.sha256(body))
    if not body.strip():
        return {}
    require_few(body, limits.json_objects)
    try:
        return parse_json(body)
    except ValueError as error:
        raise BadRequest(f"JSON parse error - {error}") from error


def body_of_json(request: Request, max_mb: int) -> bytes:
    """The body as it was sent; raises BodyTooLarge."""
    limit, body = max_mb * 2**20, bytearray()
    stream = whole_body(request)
    while (request.content_length or len(body)) <= limit and (chunk := stream.read(limit + 1 - len(body))):
        body += chunk
    if (request.content_length or len(body)) > limit:
        raise BodyTooLarge(f"JSON may have {max_mb:,} MB here; send it in parts, or many records in bulk, to sync2/.")
    return bytes(body)


def require_few(body: bytes, max_objects: int) -> None:
    """Raises BodyTooLarge if a body, once decoded, were many times as large: {} takes two bytes sent, and a hundred
    held. What stands in texts is counted too, for it is not yet read."""
    if body.count(b"{") > max_objects:
        raise BodyTooLarge(f"The body has more than {max_objects:,} objects; send it in parts.")
    if body.count(b",") + body.count(b"[") > VALUES_AN_OBJECT * max_objects:
        raise BodyTooLarge(f"The body has more than {VALUES_AN_OBJECT * max_objects:,} values; send it in parts.")


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
        raise Invalid(messages_by_field(schema, error.messages_dict, body)) from error


def load_items(schema: Schema, items: Sequence[Any]) -> list[Any]:
    """The checked items of a list; raises Invalid with an object of messages for each, empty for the good ones."""
    try:
        return cast(list[Any], schema.load(items, many=True))
    except ValidationError as error:
        raise Invalid(messages_by_item(schema, error.messages_dict, items)) from error


def messages_by_field(schema: Schema, messages: Mapping[Any, Any], body: Any) -> dict[str, Any]:
    """The messages of one object: fields in the order of the schema, `non_field_errors` for the object as a whole.

    A list of objects in a field has an object of messages for each of them, as a list that is a body of its own has.
    """
    by_field = {}
    for name in (*schema.fields, *messages):
        if name in messages:
            field, said = schema.fields.get(name), messages[name]
            if isinstance(field, fields.List) and isinstance(field.inner, fields.Nested) and isinstance(said, dict):
                said = messages_by_item(field.inner.schema, said, body[name])
            by_field["non_field_errors" if name == "_schema" else name] = said
    return by_field


def messages_by_item(schema: Schema, messages: Mapping[Any, Any], items: Sequence[Any]) -> list[dict[str, Any]]:
    """The messages of each item of a list, {} for a good one."""
    return [messages_by_field(schema, messages.get(index, {}), item) for index, item in enumerate(items)]


class BodyParser(FlaskParser):
    """webargs with our decoding and our errors."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body as one object."""
        return checked_object(read_body(req))

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **kwargs: Any) -> NoReturn:
        """All errors of the body at once."""
        messages: Any = error.messages_dict["json"]  # webargs files them under the location
        raise Invalid(messages_by_field(schema, messages, error.data)) from error
