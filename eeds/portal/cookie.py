"""The cookie of a browser: who has logged in, and the secret that its forms have to send back. Signed, not secret."""

import hmac
import secrets
import time
from datetime import timedelta
from typing import cast

from flask import Flask, request
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface

from eeds.accounts.principal import Principal
from eeds.accounts.users import logged_in, session_proof
from eeds.db.tables import User
from eeds.portal.blueprint import PREFIX
from eeds.web.context import session, settings

LIFETIME = timedelta(hours=12)
# As proxies that do TLS say it. Anybody may claim it, and gets a cookie that is sent by TLS alone.
SCHEME_HEADER = "X-Forwarded-Proto"
CSRF_HEADER = "X-CSRF-Token"


class SecureByTls(SecureCookieSessionInterface):
    """Flask's own, but a browser that came by TLS is told to send its cookie by TLS alone."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the browser, which may be behind a proxy, speaks TLS."""
        return request.is_secure or request.headers.get(SCHEME_HEADER, "").lower() == "https"


def register(app: Flask, secret_key: str) -> None:
    """Let the app keep cookies."""
    app.session_interface = SecureByTls()
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME="eeds_portal",
        SESSION_COOKIE_PATH=PREFIX,  # the API, which wants tokens, never gets it
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LIFETIME,
    )


def log_in(user: User) -> None:
    """Remember the user; nothing of before, so that no form that was open goes on to work."""
    cookie.clear()
    cookie.permanent = True
    cookie["user"] = user.id
    cookie["name"] = user.name
    cookie["proof"] = session_proof(settings().secret_key, user)
    cookie["since"] = int(time.time())


def log_out() -> None:
    """Forget everything."""
    cookie.clear()


def principal_of_cookie() -> Principal | None:
    """Who has logged in with this browser within LIFETIME, and is still a user."""
    if "user" not in cookie or time.time() - cookie["since"] > LIFETIME.total_seconds():
        return None
    return logged_in(session(), settings().secret_key, cookie["user"], cookie["proof"])


def csrf_token() -> str:
    """What a form of ours has to send back; other sites cannot read it."""
    if "csrf" not in cookie:
        cookie["csrf"] = secrets.token_urlsafe(32)
    return cast(str, cookie["csrf"])


def is_our_form() -> bool:
    """Whether the request comes from a page that this browser was given: a form of it, or its script."""
    sent = request.headers.get(CSRF_HEADER) or request.form.get("csrf_token", "")
    return "csrf" in cookie and hmac.compare_digest(csrf_token().encode(), sent.encode())
