"""/portal/login/ and /portal/logout/."""

import re

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from eeds.accounts import attempts
from eeds.accounts.attempts import Source
from eeds.accounts.users import user_with
from eeds.portal import cookie
from eeds.portal.blueprint import PREFIX, blueprint
from eeds.web.context import session

WRONG = "Name or password is wrong."
# A path of the portal: no URL that a browser could take for another host's, nothing that splits a header.
OUR_PATH = re.compile(rf"{PREFIX}/[!-~]*")


@blueprint.get("/login/")
def login() -> ResponseReturnValue:
    """The form; those who have logged in are sent on."""
    if cookie.principal_of_cookie():
        return redirect(next_path(), 303)
    return render_template("portal/login.html", next=next_path())


@blueprint.post("/login/")
def log_in() -> ResponseReturnValue:
    """Check the password, and remember the browser."""
    name = request.form.get("name", "").strip()
    source = count_attempt(name)
    user = user_with(session(), name, request.form.get("password", ""))
    if user is None:
        return render_template("portal/login.html", next=next_path(), name=name, error=WRONG), 403
    attempts.succeeded(session(), source)
    cookie.log_in(user)
    return redirect(next_path(), 303)


@blueprint.post("/logout/")
def log_out() -> ResponseReturnValue:
    """Forget the browser."""
    cookie.log_out()
    return redirect(url_for("portal.login"), 303)


def next_path() -> str:
    """Where to go after the login: a page of the portal, never elsewhere."""
    path = request.values.get("next", "")
    return path if OUR_PATH.fullmatch(path) else url_for("portal.overview")


def count_attempt(name: str) -> Source:
    """Count an attempt to log in under this name; raises TooManyRequests for one that comes too soon after the last."""
    source = Source(name, request.remote_addr or "")
    wait = attempts.count_attempt(session(), source)
    if wait:
        raise TooManyRequests(f"Too many attempts to log in. Try again in {wait} seconds.", retry_after=wait)
    return source
