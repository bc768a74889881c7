"""/portal/tokens/"""

from flask import render_template
from flask.typing import ResponseReturnValue

from eeds.portal.blueprint import blueprint


@blueprint.get("/tokens/")
def tokens() -> ResponseReturnValue:
    """Tokens."""
    return render_template("portal/tokens.html")
