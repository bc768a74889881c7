"""/portal/login/ and /portal/logout/."""

import hashlib
import re

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from eeds.accounts.users import user_with
from eeds.portal import cookie
from eeds.portal.blueprint import PREFIX, blueprint
from eeds.web.context import limiter, session

# Against guessing one user's password, and against trying many users. Many people may share an address.
ATTEMPTS_BY_NAME, ATTEMPTS_BY_ADDRESS = 10, 60  # a minute
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
    limit_attempts(name)
    user = user_with(session(), name, request.form.get("password", ""))
    if user is None:
        return render_template("portal/login.html", next=next_path(), name=name, error=WRONG), 403
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


def limit_attempts(name: str) -> None:
    """Count an attempt to log in under this name from this address; raises TooManyRequests for too many a minute."""
    hashed = hashlib.sha256(name.encode()).hexdigest()  # Redis would keep a key of any length
    attempts = {f"login {hashed}": ATTEMPTS_BY_NAME, f"login from {address()}": ATTEMPTS_BY_ADDRESS}
    wait = max(limiter().seconds_to_wait(who, per_minute) for who, per_minute in attempts.items())
    if wait:
        raise TooManyRequests(f"Too many attempts to log in. Try again in {wait} seconds.", retry_after=wait)


def address() -> str:
    """The browser's address as the nearest proxy gives it; without a proxy anybody may claim any address."""
    return (request.headers.get("X-Forwarded-For") or request.remote_addr or "").rsplit(",", 1)[-1].strip()[:64]
