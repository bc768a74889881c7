"""/portal/login/ and /portal/logout/."""

import hashlib
import re
from typing import cast

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from eeds.accounts.users import user_with
from eeds.portal import cookie
from eeds.portal.blueprint import PREFIX, blueprint
from eeds.web.context import session
from eeds.web.limiter import Limiter

LIMITER_BY_NAME, LIMITER_BY_ADDRESS = "eeds.logins_by_name", "eeds.logins_by_address"  # in the app's extensions
# One who guesses a user's password, and one who tries many users. Many people may share an address.
ATTEMPTS_A_MINUTE = {LIMITER_BY_NAME: 10, LIMITER_BY_ADDRESS: 60}
WRONG = "Name or password is wrong."
# A path of ours; no address that a browser could take for another host's, and nothing that splits a header.
OUR_PATH = re.compile(rf"{PREFIX}/[!-~]*")


@blueprint.get("/login/")
def login() -> ResponseReturnValue:
    """The form, or for those who have logged in where they want to go."""
    if cookie.principal_of_cookie():
        return redirect(wanted(), 303)
    return render_template("portal/login.html", next=wanted())


@blueprint.post("/login/")
def log_in() -> ResponseReturnValue:
    """Check the password, and remember the browser."""
    name = request.form.get("name", "").strip()
    require_patience(name)
    user = user_with(session(), name, request.form.get("password", ""))
    if user is None:
        return render_template("portal/login.html", next=wanted(), name=name, error=WRONG), 403
    cookie.log_in(user)
    return redirect(wanted(), 303)


@blueprint.post("/logout/")
def log_out() -> ResponseReturnValue:
    """Forget the browser."""
    cookie.log_out()
    return redirect(url_for("portal.login"), 303)


def wanted() -> str:
    """Where to go after the login: a page of the portal, never elsewhere."""
    path = request.values.get("next", "")
    return path if OUR_PATH.fullmatch(path) else url_for("portal.overview")


def require_patience(name: str) -> None:
    """Raises TooManyRequests for one who guesses."""
    known = hashlib.sha256(name.encode()).hexdigest()  # a key of any length would be kept by Redis
    who = {LIMITER_BY_NAME: f"login {known}", LIMITER_BY_ADDRESS: f"login from {address()}"}
    limiters = {name: cast(Limiter, current_app.extensions[name]) for name in who}
    wait = max(limiter.seconds_to_wait(who[name]) for name, limiter in limiters.items())
    if wait:
        raise TooManyRequests(f"Too many attempts to log in. Try again in {wait} seconds.", retry_after=wait)


def address() -> str:
    """Where the browser is, as the nearest proxy says; without one anybody may say anything, and only names count."""
    return (request.headers.get("X-Forwarded-For") or request.remote_addr or "").rsplit(",", 1)[-1].strip()[:64]
