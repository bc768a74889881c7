"""/portal/projects/ID/: one project."""

from flask import render_template
from flask.typing import ResponseReturnValue

from eeds.api.blueprint import ID
from eeds.portal.blueprint import blueprint


@blueprint.get(f"/projects/{ID}/")
def project(id: int) -> ResponseReturnValue:
    """A project."""
    return render_template("portal/project.html")
