"""What is told of every request: a line in the log, and a count for Prometheus."""

import logging
import time

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST

from eeds.config import logs
from eeds.web.context import database, request_id, settings
from eeds.web.metrics import LATENCY, REQUESTS, exposition

log = logging.getLogger("eeds.request")

# Asked every few seconds by machines: they would drown the rest.
SILENT = frozenset({"health.live", "health.ready", "metrics.metrics"})
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

blueprint = Blueprint("metrics", __name__)


def register(app: Flask) -> None:
    """Have the app tell of its requests; before everything else that looks at one."""
    app.before_request(begin)
    app.after_request(echo_request_id)
    app.after_request(tell_when_sent)
    app.register_blueprint(blueprint)


def begin() -> None:
    """Note the time, and what all lines of the log say that are written for this request."""
    g.started = time.perf_counter()
    logs.about.set({"request_id": request_id()})


def echo_request_id(response: Response) -> Response:
    """Tell the client what our logs call its request."""
    response.headers["X-Request-ID"] = request_id()
    return response


def tell_when_sent(response: Response) -> Response:
    """Tell of the request when the last of its answer has left."""
    method, path, endpoint, status = request.method, request.path, request.endpoint or "none", response.status_code
    started = g.pop("started")
    about = {"request_id": request_id(), "method": method, "path": path, "status": status}
    if "principal" in g:
        about["user"] = g.principal.user_id

    def tell() -> None:
        seconds = time.perf_counter() - started
        counted = method if method in METHODS else "other"  # a client may invent as many as it likes
        REQUESTS.labels(counted, endpoint, status).inc()
        LATENCY.labels(counted, endpoint).observe(seconds)
        if endpoint not in SILENT:
            timed = {**about, "ms": round(seconds * 1000, 1)}
            log.info("%s %s %d", method, path, status, extra={"about": timed})

    response.call_on_close(tell)
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts of this service in Prometheus' format; no names, nothing of anybody's data."""
    return Response(exposition(settings(), database()), content_type=CONTENT_TYPE_LATEST)
