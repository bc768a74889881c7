"""/portal/"""

from flask import render_template
from flask.typing import ResponseReturnValue

from eeds.portal.blueprint import blueprint


@blueprint.get("/")
def overview() -> ResponseReturnValue:
    """Overview."""
    return render_template("portal/overview.html")
