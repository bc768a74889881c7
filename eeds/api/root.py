"""/api/v1/: the URLs of the resources."""

from collections.abc import Sequence

from flask import Response, request
from flask.views import MethodView
from marshmallow import INCLUDE, Schema

from eeds.web.responses import answer
from eeds.web.rest.blueprint import PREFIX, Blueprint


class RootSchema(Schema):
    """The URL of each resource."""

    class Meta:
        """Documented as an object with any keys."""

        unknown = INCLUDE


def root(paths: Sequence[str]) -> Blueprint:
    """The blueprint of the root, which lists the resources at these paths below it."""
    blueprint = Blueprint("root", "Where the resources are.", "")

    @blueprint.route("/", endpoint="Root")
    class Root(MethodView):
        @blueprint.response(200, RootSchema)
        @blueprint.doc(summary="List the resources")
        def get(self) -> Response:
            return answer({path: f"{request.host_url.rstrip('/')}{PREFIX}/{path}/" for path in paths})

    return blueprint
