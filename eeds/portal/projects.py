"""/portal/projects/"""

from flask import render_template
from flask.typing import ResponseReturnValue

from eeds.portal.blueprint import blueprint


@blueprint.get("/projects/")
def projects() -> ResponseReturnValue:
    """Projects."""
    return render_template("portal/projects.html")
