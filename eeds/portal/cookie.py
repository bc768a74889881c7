"""The session cookie: who has logged in, and the token that forms have to send back. Signed, but not encrypted."""

import hmac
import secrets
from typing import cast

from flask import Flask, request
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface

from eeds.accounts.logins import LIFETIME, begin_login, end_login, logged_in, login_proof
from eeds.accounts.principal import Principal
from eeds.db.tables import User
from eeds.portal.blueprint import PREFIX
from eeds.web.context import session, settings

# Set by proxies that terminate TLS. Whoever forges it only gets a cookie that is sent over TLS alone.
SCHEME_HEADER = "X-Forwarded-Proto"
CSRF_HEADER = "X-CSRF-Token"


class SecureByTls(SecureCookieSessionInterface):
    """Flask's own, but with the Secure attribute for a browser that uses TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the browser uses TLS, perhaps to a proxy in front of us."""
        return request.is_secure or request.headers.get(SCHEME_HEADER, "").lower() == "https"


def register(app: Flask, secret_key: str) -> None:
    """Configure the app's session cookie."""
    app.session_interface = SecureByTls()
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME="eeds_portal",
        SESSION_COOKIE_PATH=PREFIX,  # the API, which takes tokens, never gets it
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LIFETIME,
    )


def log_in(user: User) -> None:
    """Remember the user, and end what was there before: forms of the last session become invalid."""
    log_out()
    cookie.permanent = True
    proof = login_proof(settings().secret_key, user)
    cookie.update(login=begin_login(session(), user), name=user.name, proof=proof)


def log_out() -> None:
    """End the login, here and wherever else somebody has got the cookie."""
    if "login" in cookie:
        end_login(session(), cookie["login"])
    cookie.clear()


def principal_of_cookie() -> Principal | None:
    """The user who has logged in with this browser within LIFETIME; None if there is none (any more)."""
    if "login" not in cookie:
        return None
    return logged_in(session(), settings().secret_key, cookie["login"], cookie["proof"])


def csrf_token() -> str:
    """The token that our forms send back; other sites cannot read it."""
    if "csrf" not in cookie:
        cookie["csrf"] = secrets.token_urlsafe(32)
    return cast(str, cookie["csrf"])


def is_our_form() -> bool:
    """Whether the request comes from a page of ours in this browser: from its form, or its script."""
    sent = request.headers.get(CSRF_HEADER) or request.form.get("csrf_token", "")
    return "csrf" in cookie and hmac.compare_digest(csrf_token().encode(), sent.encode())
