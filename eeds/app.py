"""The web application: reads like its table of contents."""

import logging
import os

from flask import Flask, Response, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from eeds import api, portal
from eeds.config.settings import Settings
from eeds.db.engine import Database, Patience
from eeds.web import idempotency, telemetry
from eeds.web.background import Background
from eeds.web.context import close_session
from eeds.web.fairness import give_place_back
from eeds.web.limiter import Limiter
from eeds.web.rest.blueprint import READING

# A request that needs what is locked, or a server that is stopped, is answered within 5 seconds. Loads take turns, so
# they wait for locks as long as for anything: see eeds.web.context.
PATIENCE = Patience(connect=3, statement=60, lock=2, notices_silence=True)


UNSAFE = (
    "EEDS_ENV IS NOT SET: this is a development server, which goes without a SECRET_KEY and takes tokens that "
    "everybody knows. Set EEDS_ENV=production where others can reach it."
)
# Also for answers that are no pages: a browser takes none of them for a script, or shows it in another site's frame.
HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "frame-ancestors 'none'"}
# Under which checks of health on the machine itself call.
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")

log = logging.getLogger(__name__)


class EedsFlask(Flask):
    """Flask with one unit of work a request: what a view did is committed before its answer leaves, or not done."""

    def dispatch_request(self) -> ResponseReturnValue:
        """The view, then the commit; an exception in either rolls back when the request ends."""
        response = idempotency.once(super().dispatch_request)
        if "session" in g and request.method not in READING:
            g.session.commit()
        return response


def create_app(settings: Settings | None = None) -> Flask:
    """The application for gunicorn; settings come from the environment unless given."""
    if "EEDS_ENV" not in os.environ:
        log.warning(UNSAFE)
    settings = settings or Settings.from_env()
    app = EedsFlask("eeds", static_folder=None)
    app.url_map.strict_slashes = True
    app.extensions["eeds.settings"] = settings
    app.extensions["eeds.database"] = Database(settings.database_url, PATIENCE, is_pooled=settings.is_pooled)
    app.extensions["eeds.web.limiter"] = Limiter(settings.redis_url)
    app.extensions["eeds.web.background"] = Background()
    if settings.trusted_proxies:
        believed = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)
        app.wsgi_app = believed  # type: ignore[method-assign]
    if settings.hosts:
        app.config["TRUSTED_HOSTS"] = [*settings.hosts, *LOOPBACK_HOSTS]
    app.config["MAX_CONTENT_LENGTH"] = settings.max_upload_mb * 2**20
    app.teardown_request(close_session)
    app.teardown_request(give_place_back)
    telemetry.register(app)
    app.before_request(idempotency.watch_body)
    app.after_request(redirect_as_the_original)
    app.after_request(set_headers)
    api.register(app)
    portal.register(app)
    app.add_url_rule("/", "home", lambda: redirect("/portal/"))
    return app


def set_headers(response: Response) -> Response:
    """Give the answer the headers that it has not got."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def redirect_as_the_original(response: Response) -> Response:
    """A URL without its slash: 301, which old clients know; 308 where a body has to be sent again."""
    if response.status_code == 308 and request.method in READING:
        response.status_code = 301
    return response
