"""/api/v1/registry/connections/ and /registry/summary/ and savings/: what a registry may read, without names."""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import flask
from flask import Response, request
from marshmallow import fields
from sqlalchemy import ColumnElement, Row, null, select

from eeds import __version__
from eeds.db.tables import Project, RegistryConnection, RegistryConnectionProject
from eeds.runs import registry
from eeds.runs.registry_savings import SharingRule, shared_savings
from eeds.web.context import session, settings
from eeds.web.errors import detail
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Parsed, Pks
from eeds.web.rest.filters import Args
from eeds.web.rest.members import WithProjects
from eeds.web.rest.resource import Item, crud
from eeds.web.rest.schemas import ApiSchema


class Uuid(Parsed, fields.UUID):
    """A UUID, refused in the words of the original."""

    def parse(self, value: Any) -> UUID:
        """The UUID."""
        try:
            return UUID(str(value))
        except ValueError as error:
            raise ValueError(f'"{value}" is not a valid UUID.') from error


class RegistryConnectionSchema(ApiSchema):
    """A registry, the projects it may read of, and the token it reads with."""

    EXAMPLE = {"projects": [1]}

    id = fields.Integer(dump_only=True)
    projects = Pks(Project)
    token = Uuid(metadata={"description": "Made up where none is given, and shown this once; null when it is read."})


class RegistryConnections(WithProjects):
    """The connections of the caller's project owner."""

    noun = "registry connection"
    model = RegistryConnection
    schema = RegistryConnectionSchema
    link = RegistryConnectionProject
    link_key = "registry_connection_id"
    given: UUID | None = None  # in this request

    def columns(self) -> dict[str, ColumnElement[Any]]:
        """The token is not stored."""
        return {**super().columns(), "token": null()}

    def represent(self, rows: Iterable[Row[Any]], args: Args) -> Iterator[Item]:
        """With the token that this request has given."""
        return ({**item, "token": self.given} for item in super().represent(rows, args))

    def create(self, data: Item) -> int:
        """With a token that was made up where none is sent."""
        return super().create(self.with_digest({"token": uuid4(), **data}))

    def update(self, id: int, data: Item) -> int:
        """The token stays where none is sent."""
        return super().update(id, self.with_digest(data))

    def with_digest(self, data: Item) -> Item:
        """What is stored of the connection."""
        self.given = data.get("token")
        stored = {name: value for name, value in data.items() if name != "token"}
        return {**stored, "token_digest": token_digest(self.given)} if self.given else stored


blueprint = Blueprint("registry_connections", "Registries that may read summaries of results.", "registry/connections")
crud(blueprint, RegistryConnections)

summary_blueprint = flask.Blueprint("registry", __name__, url_prefix="/registry")


@summary_blueprint.get("/summary/")
def summary() -> Response:
    """The latest result of every project of the connection that the token belongs to."""
    connection = authorised()
    if isinstance(connection, Response):
        return connection
    return answer({"datastore_version": __version__, "projects": registry.summaries(session(), connection)})


@summary_blueprint.get("/savings/")
def savings() -> Response:
    """What these have saved together, as far as it tells nothing of single ones."""
    connection = authorised()
    if isinstance(connection, Response):
        return connection
    rule = SharingRule(settings().registry_projects, settings().registry_percent / 100)
    told = shared_savings(session(), connection, rule)
    session().commit()  # what is told is kept
    return answer({"datastore_version": __version__, "savings": told})


def authorised() -> int | Response:
    """The id of the connection that the token of the request belongs to, or the answer that refuses it."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "token":
        return detail("Authentication credentials were not provided.", 403)
    if not token.strip():
        return detail("Invalid token header. No credentials provided.", 403)
    return connection_of(token.strip()) or detail("Invalid token.", 403)


def connection_of(token: str) -> int | None:
    """The id of the connection with that token, None if there is none."""
    if not re.fullmatch(r"[0-9a-fA-F-]{32,36}", token):
        return None
    try:
        uuid = UUID(token)
    except ValueError:
        return None
    return session().scalar(select(RegistryConnection.id).where(RegistryConnection.token_digest == token_digest(uuid)))


def token_digest(token: UUID) -> bytes:
    """What is stored of a token: it is random, so its hash says nothing of it."""
    return sha256(str(token).encode()).digest()
