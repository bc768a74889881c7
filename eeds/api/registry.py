"""/api/v1/registry/connections/ and /registry/summary/: what a registry of projects may read, without names."""

import re
from typing import Any
from uuid import UUID

import flask
from flask import Response, request
from marshmallow import fields
from sqlalchemy import select

from eeds import __version__
from eeds.db.tables import Project, RegistryConnection, RegistryConnectionProject
from eeds.runs import registry
from eeds.web.context import session
from eeds.web.errors import detail
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Parsed, Pks
from eeds.web.rest.members import WithProjects
from eeds.web.rest.resource import crud
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
    token = Uuid(metadata={"description": "Made up where none is given."})


class RegistryConnections(WithProjects):
    """The connections of the caller's project owner."""

    noun = "registry connection"
    model = RegistryConnection
    schema = RegistryConnectionSchema
    link = RegistryConnectionProject
    link_key = "registry_connection_id"


blueprint = Blueprint("registry_connections", "Registries that may read summaries of results.", "registry/connections")
crud(blueprint, RegistryConnections)

summary_blueprint = flask.Blueprint("registry", __name__, url_prefix="/registry")


@summary_blueprint.get("/summary/")
def summary() -> Response:
    """The latest result of every project of the connection that the token belongs to."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "token":
        return detail("Authentication credentials were not provided.", 403)
    if not token.strip():
        return detail("Invalid token header. No credentials provided.", 403)
    connection = connection_of(token.strip())
    if connection is None:
        return detail("Invalid token.", 403)
    return answer({"datastore_version": __version__, "projects": registry.summaries(session(), connection)})


def connection_of(token: str) -> int | None:
    """The id of the connection with that token, None if there is none."""
    if not re.fullmatch(r"[0-9a-fA-F-]{32,36}", token):
        return None
    try:
        uuid = UUID(token)
    except ValueError:
        return None
    return session().scalar(select(RegistryConnection.id).where(RegistryConnection.token == uuid))
