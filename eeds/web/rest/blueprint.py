"""The blueprint of every resource under /api/v1/: authentication, scopes, content negotiation, documented errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import flask_smorest
from flask import g, request
from marshmallow import INCLUDE, Schema, fields
from werkzeug.exceptions import TooManyRequests, Unauthorized

from eeds.accounts.tokens import authenticate
from eeds.errors import Forbidden, Invalid
from eeds.formats.media_types import JSON
from eeds.web import idempotency
from eeds.web.context import limiter, session, settings
from eeds.web.fairness import take_place_if_heavy
from eeds.web.negotiation import JSON_ONLY, Offers, negotiate
from eeds.web.requests import FORMS, BodyParser

PREFIX = "/api/v1"
EVERYWHERE = frozenset({"access_token", "format"})
READS_LIKE = {"head": "get"}
READING = frozenset({"GET", "HEAD", "OPTIONS"})
ID = "<int(max=9223372036854775807):id>"


class Detail(Schema):
    """An error that is not about a field."""

    detail = fields.String(required=True, metadata={"description": "What was wrong."})


class AnyKeys(Schema):
    """Documented as an object with any keys besides its fields."""

    class Meta:
        """Keeps what it does not know."""

        unknown = INCLUDE


class FieldErrors(AnyKeys):
    """Errors by field; `non_field_errors` for the body as a whole."""


ERRORS = {
    401: "No token, or one that is unknown, expired or revoked.",
    403: "The token lacks the scope.",
    406: "No media type in Accept is served here.",
    429: "The token has made more requests in this minute than EEDS_RATE_LIMIT, or its owner has EEDS_HEAVY_REQUESTS "
    "batches and uploads under way.",
    503: "The database is away, what is needed is locked, or there is too much to do; nothing was stored.",
    507: "The disk of the server or of its database is full; nothing was stored.",
}
BODY_ERRORS = {
    408: "Nothing of the body has arrived for some seconds.",
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": idempotency.HEADER,
    "description": "A name of your own: sent again with it within a day, a request is not done but answered again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": idempotency.MAX_LENGTH},
}
REFUSABLE = {"get": "A parameter was refused.", "delete": "Something else needs the object."}


class Blueprint(flask_smorest.Blueprint):
    """A resource: authenticated, in its place under /api/v1/."""

    ARGUMENTS_PARSER = BodyParser()

    def __init__(self, name: str, description: str, path: str | None = None) -> None:
        self.path = name if path is None else path  # below /api/v1/
        prefix = f"{PREFIX}/{self.path}".rstrip("/")
        super().__init__(name, __name__, url_prefix=prefix, description=description)
        self.offers: dict[str, Offers] = {}  # by endpoint, which follows the name of the blueprint
        self.tag: str | None = None
        self.before_request(self.choose_format)
        self.before_request(authorise)
        self.before_request(self.require_known_parameters)
        self._prepare_doc_cbks += [document_operation, self.document_tag]

    def route(self, rule: str, *, endpoint: str, offers: Offers = JSON_ONLY, **options: Any) -> Any:
        """A route whose answers come in the formats of `offers`; `options` as flask-smorest takes them."""
        self.offers[endpoint] = offers
        return super().route(rule, endpoint=endpoint, **options)

    def choose_format(self) -> None:
        """Refuse what cannot be answered in a format the client accepts."""
        negotiate(self.offers[str(request.endpoint).rpartition(".")[2]])

    @contextmanager
    def documented_under(self, tag: str) -> Iterator[None]:
        """Document what is registered meanwhile under this tag, not under the name of the blueprint."""
        self.tag = tag
        yield
        self.tag = None

    def document_tag(self, doc: dict[str, Any], doc_info: Any, **kwargs: Any) -> dict[str, Any]:
        """Where the operation is listed, if not under its blueprint."""
        if self.tag is not None:
            doc_info.setdefault("manual_doc", {})["tags"] = [self.tag]  # merged into `doc` behind the usual one
        return doc

    def require_known_parameters(self) -> None:
        """Raises Invalid for query parameters that the operation does not have, which the original ignored: a slip in
        one would select everything."""
        known = {*self.parameters_of(str(request.endpoint), request.method.lower())}
        unknown = request.args.keys() - known - EVERYWHERE
        if unknown and not settings().lenient_filters:
            names = ", ".join(sorted(known)) or "none"
            raise Invalid({name: [f"There is no such parameter; there are: {names}."] for name in sorted(unknown)})

    def parameters_of(self, endpoint: str, method: str) -> Iterator[str]:
        """The names of the query parameters that the OpenAPI document has of an operation."""
        operation = self._docs[endpoint.rpartition(".")[2]]
        documented = operation.get(READS_LIKE.get(method, method), {}).get("manual_doc", {}).get("parameters", [])
        yield from (each["name"] for each in documented if each["in"] == "query")


def authorise() -> None:
    """Set the principal of the request; raises Unauthorized, Forbidden for a missing scope, TooManyRequests."""
    principal = authenticate(session(), settings().secret_key, bearer_token())
    # Commit the token's last_used now: reading commits nothing later, and a long upload would keep the row locked, so
    # that other requests with the token waited for it.
    session().commit()
    if principal is None:
        raise Unauthorized
    if ("read" if request.method in READING else "write") not in principal.scopes:
        raise Forbidden
    g.principal = principal
    if request.environ.get("eeds.is_again"):
        return  # it was counted when it came, before its body was there
    wait = limiter().seconds_to_wait(f"token {principal.token_id}", settings().rate_limit)
    if wait:
        raise TooManyRequests(f"Request was throttled. Expected available in {wait} seconds.", retry_after=wait)
    take_place_if_heavy()


def bearer_token() -> str:
    """The token of the Authorization header, or of `access_token` in query or form; "" if there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        return token.strip() if scheme.lower() == "bearer" else ""
    in_form = request.form.get("access_token") if request.mimetype == FORMS[0] else None
    return request.args.get("access_token") or in_form or ""


def document_operation(doc: dict[str, Any], doc_info: Any, *, method: str, **kwargs: Any) -> dict[str, Any]:
    """What every operation has in common: its errors, and that a body may be a form as well as JSON."""
    responses = doc.setdefault("responses", {})
    responses.pop("default", None)  # the library's shape of an error, which ours do not have
    if method in REFUSABLE:
        responses["400"] = {"description": REFUSABLE[method], "content": json_content(FieldErrors)}
    for status, description in ERRORS.items():
        responses.setdefault(str(status), {"description": description, "content": json_content(Detail)})
    manual = doc_info.get("manual_doc", {})  # merged into `doc` after us
    if "requestBody" in doc or "requestBody" in manual:
        if "400" not in manual.get("responses", {}):
            responses["400"] = {"description": "The body was refused.", "content": json_content(FieldErrors)}
        responses["415"] = {"description": "The body is neither JSON nor a form.", "content": json_content(Detail)}
        responses |= {
            str(status): {"description": description, "content": json_content(Detail)}
            for status, description in BODY_ERRORS.items()
        }
        responses.pop("422", None)
    if method == "post":
        doc.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
        responses.setdefault("400", {"description": "The body was refused.", "content": json_content(FieldErrors)})
        other = "The Idempotency-Key came with another request before."
        responses["422"] = {"description": other, "content": json_content(Detail)}
    if "requestBody" in doc:
        content = doc["requestBody"]["content"]
        content |= json_content(content[JSON]["schema"])
        content.setdefault(FORMS[0], content[JSON])
    return doc


def json_content(schema: Any) -> dict[str, Any]:
    """The OpenAPI content of a JSON body or answer, with the example that the schema has."""
    example = getattr(schema, "EXAMPLE", None)
    documented = {"example": [example] if getattr(schema, "many", False) else example} if example else {}
    return {JSON: {"schema": schema, **documented}}


def query_parameter(name: str, description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The OpenAPI parameter of that name in the query string; `schema` says what values it has."""
    return {"in": "query", "name": name, "description": description, "schema": dict(schema)}


def format_parameters(offers: Offers) -> list[dict[str, Any]]:
    """The OpenAPI parameter `format`, where there is a choice."""
    if len(offers) == 1:
        return []
    description = "The format of the answer, for those who cannot name it in Accept. Pages are JSON."
    names = {"type": "string", "enum": list(offers), "default": next(iter(offers))}
    return [query_parameter("format", description, names)]


def format_responses(offers: Offers) -> dict[Any, Any]:
    """The OpenAPI answers of a list in other formats than JSON, and to an unknown `?format=`."""
    if len(offers) == 1:
        return {}
    binary = {"schema": {"type": "string", "format": "binary"}}
    others = dict.fromkeys((media_type for media_type in offers.values() if media_type != JSON), binary)
    # 200 as a number, under which flask-smorest keeps the schema of the JSON
    unknown = {"description": "There is no such `format`.", "content": json_content(Detail)}
    return {200: {"content": others}, "404": unknown}


def batch_refused(outcomes: Schema, description: str) -> dict[str, Any]:
    """The OpenAPI answer 400 of a batch: what became of its objects, or what was wrong with the body as a whole."""
    whole = "Errors of the body as a whole have the usual shape."
    return {"description": f"{description} {whole}", "content": json_content({"anyOf": [outcomes, FieldErrors]})}
