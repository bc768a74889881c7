"""/api/v1/: the URLs of the resources."""

from collections.abc import Sequence

from flask import Response, request
from flask.views import MethodView

from eeds.web.responses import answer
from eeds.web.rest.blueprint import PREFIX, AnyKeys, Blueprint


class RootSchema(AnyKeys):
    """The URL of each resource."""


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
