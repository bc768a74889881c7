"""What holds for every page: who may see it, which forms are ours, and what a browser may do with it."""

from flask import Blueprint, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from eeds.portal import cookie
from eeds.web.context import settings
from eeds.web.rest.blueprint import READING

# Everything comes from here, and nothing is written into a page that a script or style could hide in.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
STATIC = "portal.static"
# Seen by those who have not logged in.
OPEN = frozenset({"portal.login", "portal.log_in", STATIC})
MAX_FORM_BYTES = 256 * 1024
# Its form has a file, which is kept on disk while it is read.
WITH_FILE = "portal.load_file"
FOREIGN_FORM = "This form was not made for you, or is too old: load the page again, and send it from there."


def register(blueprint: Blueprint) -> None:
    """Guard the pages."""
    blueprint.before_request(limit_body)
    blueprint.before_request(require_login)
    blueprint.before_request(require_our_form)
    blueprint.after_request(set_headers)


def limit_body() -> None:
    """Forms are small but for those with a file."""
    request.max_content_length = settings().max_upload_mb * 2**20 if request.endpoint == WITH_FILE else MAX_FORM_BYTES


def require_login() -> ResponseReturnValue | None:
    """Send those who have not logged in to do so; from there they come back."""
    if request.endpoint in OPEN:
        return None
    principal = cookie.principal_of_cookie()
    if principal is None:
        wanted = request.full_path.rstrip("?") if request.method in READING else None
        return redirect(url_for("portal.login", next=wanted), 303)
    g.principal = principal
    return None


def require_our_form() -> None:
    """Raises BadRequest for a form that another site may have sent."""
    if request.method not in READING and not cookie.is_our_form():
        raise BadRequest(FOREIGN_FORM)


def set_headers(response: Response) -> Response:
    """Tell the browser the rules; what a page shows is kept by nobody."""
    response.headers.update(HEADERS)
    if request.endpoint != STATIC:
        response.headers["Cache-Control"] = "no-store"
    elif "v" in request.args:  # a file that changes has another address
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
