"""What is recorded of every request: a line in the log, and a count for Prometheus."""

import logging
import time

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST

from eeds.config import logs
from eeds.web.context import database, request_id, settings
from eeds.web.metrics import LATENCY, REQUESTS, exposition

log = logging.getLogger("eeds.request")

# Requested every few seconds by machines: not logged.
SILENT = frozenset({"health.live", "health.ready", "metrics.metrics"})
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

blueprint = Blueprint("metrics", __name__)


def register(app: Flask) -> None:
    """Log and count the app's requests; must be registered before all other hooks."""
    app.before_request(begin)
    app.after_request(echo_request_id)
    app.after_request(report_when_sent)
    app.register_blueprint(blueprint)


def begin() -> None:
    """Note the time, and the request id for all lines that are logged during this request."""
    g.started = time.perf_counter()
    logs.about.set({"request_id": request_id()})


def echo_request_id(response: Response) -> Response:
    """Send the client the id of its request in our logs."""
    response.headers["X-Request-ID"] = request_id()
    return response


def report_when_sent(response: Response) -> Response:
    """Log and count the request when the last of its answer has been sent."""
    method, path, endpoint, status = request.method, request.path, request.endpoint or "none", response.status_code
    started = g.pop("started")
    about = {"request_id": request_id(), "method": method, "path": path, "status": status}
    if "principal" in g:
        about["user"] = g.principal.user_id

    def report() -> None:
        seconds = time.perf_counter() - started
        counted = method if method in METHODS else "other"  # a client may invent any number of methods
        REQUESTS.labels(counted, endpoint, status).inc()
        LATENCY.labels(counted, endpoint).observe(seconds)
        if endpoint not in SILENT:
            timed = {**about, "ms": round(seconds * 1000, 1)}
            log.info("%s %s %d", method, path, status, extra={"about": timed})

    response.call_on_close(report)
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts of this service in Prometheus' format, without names or data."""
    return Response(exposition(settings(), database()), content_type=CONTENT_TYPE_LATEST)
