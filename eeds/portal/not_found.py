"""What there is no page for."""

from flask.typing import ResponseReturnValue

from eeds.errors import NotFound
from eeds.portal.blueprint import blueprint


@blueprint.route("/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def elsewhere(path: str) -> ResponseReturnValue:
    """Raises NotFound, here and not where the answer would be JSON."""
    raise NotFound
