"""The web application: reads like its table of contents."""

from flask import Flask, Response, g, redirect, request
from flask.typing import ResponseReturnValue

from eeds import api, portal
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.web import body_input, idempotency, telemetry
from eeds.web.context import close_session
from eeds.web.fairness import give_place_back
from eeds.web.limiter import Limiter
from eeds.web.rest.blueprint import READING

STATEMENT_TIMEOUT_MS = 60_000


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
    settings = settings or Settings.from_env()
    app = EedsFlask("eeds", static_folder=None)
    app.url_map.strict_slashes = True
    app.extensions["eeds.settings"] = settings
    app.extensions["eeds.database"] = Database(settings.database_url, statement_timeout_ms=STATEMENT_TIMEOUT_MS)
    app.extensions["eeds.web.limiter"] = Limiter(settings.redis_url)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_upload_mb * 2**20
    app.teardown_request(close_session)
    app.teardown_request(give_place_back)
    telemetry.register(app)
    app.before_request(body_input.check_input)
    app.before_request(idempotency.watch_body)
    app.after_request(redirect_as_the_original)
    api.register(app)
    portal.register(app)
    app.add_url_rule("/", "home", lambda: redirect("/portal/"))
    return app


def redirect_as_the_original(response: Response) -> Response:
    """A URL without its slash: 301, which old clients know; 308 where a body has to be sent again."""
    if response.status_code == 308 and request.method in READING:
        response.status_code = 301
    return response
