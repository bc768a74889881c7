"""The error page for paths below /portal/ that no page has."""

from flask.typing import ResponseReturnValue

from eeds.errors import NotFound
from eeds.portal.blueprint import blueprint


@blueprint.route("/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def elsewhere(path: str) -> ResponseReturnValue:
    """Raises NotFound within the blueprint, whose error handlers answer HTML."""
    raise NotFound
