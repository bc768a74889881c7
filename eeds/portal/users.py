"""/portal/users/"""

from flask import render_template
from flask.typing import ResponseReturnValue

from eeds.portal.blueprint import blueprint


@blueprint.get("/users/")
def users() -> ResponseReturnValue:
    """Users."""
    return render_template("portal/users.html")
