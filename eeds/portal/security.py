"""What holds for every page: login, protection against forged forms, and the headers of the answer."""

from flask import Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from eeds.portal import cookie
from eeds.portal.blueprint import blueprint
from eeds.web.context import settings
from eeds.web.fairness import take_place
from eeds.web.rest.blueprint import READING

# Only our own files; no inline scripts or styles.
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
# For visitors who have not logged in.
OPEN = frozenset({"portal.login", "portal.log_in", STATIC})
MAX_FORM_BYTES = 256 * 1024
# Its form has a file, which is spooled to disk.
WITH_FILE = "portal.load_file"
FOREIGN_FORM = "This form was not made for you, or is too old: load the page again, and send it from there."


# The checks run before every page in this order.
@blueprint.before_request
def limit_body() -> None:
    """Limit the size of forms, much more so where they have no file."""
    request.max_content_length = settings().max_upload_mb * 2**20 if request.endpoint == WITH_FILE else MAX_FORM_BYTES


@blueprint.before_request
def require_login() -> ResponseReturnValue | None:
    """Redirect visitors who have not logged in to the login, which sends them back afterwards."""
    if request.endpoint in OPEN:
        return None
    principal = cookie.principal_of_cookie()
    if principal is None:
        path = request.full_path.rstrip("?") if request.method in READING else None
        return redirect(url_for("portal.login", next=path), 303)
    g.principal = principal
    return None


@blueprint.before_request
def require_our_form() -> None:
    """Raises BadRequest for a form that another site may have sent."""
    if request.method not in READING and not cookie.is_our_form():
        raise BadRequest(FOREIGN_FORM)


@blueprint.before_request
def take_turns() -> None:
    """Raises TooManyRequests for an upload beside others of the same owner."""
    if request.endpoint == WITH_FILE:
        take_place()


@blueprint.after_request
def set_headers(response: Response) -> Response:
    """Set the security headers; pages are not cached."""
    response.headers.update(HEADERS)
    if request.endpoint != STATIC:
        response.headers["Cache-Control"] = "no-store"
    elif "v" in request.args:  # a file that changes has another URL
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
