"""/portal/upload/"""

from flask import render_template
from flask.typing import ResponseReturnValue

from eeds.portal.blueprint import blueprint


@blueprint.get("/upload/")
def upload() -> ResponseReturnValue:
    """Upload."""
    return render_template("portal/upload.html")
