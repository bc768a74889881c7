"""/docs/: the API to browse and to try, from the OpenAPI document, with nothing fetched from elsewhere.

Swagger UI 5.35.0 is vendored in static/swagger-ui (Apache-2.0, see its LICENSE and NOTICE).
"""

from flask import Blueprint, Response, make_response, render_template

# Swagger UI sets styles inline and draws its icons as data: images.
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

blueprint = Blueprint("docs", __name__, url_prefix="/docs", static_folder="static", template_folder="templates")


@blueprint.get("/")
def page() -> Response:
    """The page; its script fetches the document."""
    response = make_response(render_template("docs.html"))
    response.headers["Content-Security-Policy"] = POLICY
    return response
