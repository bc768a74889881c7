"""/portal/exports/"""

from flask import render_template
from flask.typing import ResponseReturnValue

from eeds.portal.blueprint import blueprint


@blueprint.get("/exports/")
def exports() -> ResponseReturnValue:
    """Exports."""
    return render_template("portal/exports.html")
