"""/portal/portfolio/"""

from flask import render_template
from flask.typing import ResponseReturnValue

from eeds.portal.blueprint import blueprint


@blueprint.get("/portfolio/")
def portfolio() -> ResponseReturnValue:
    """Portfolio."""
    return render_template("portal/portfolio.html")
