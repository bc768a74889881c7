"""What is recorded of every request: a line in the log, and a count for Prometheus."""

import logging
import time

from flask import Flask, Response, g, request

from eeds.config import logs
from eeds.web import metrics
from eeds.web.context import request_id
from eeds.web.metrics import LATENCY, REQUESTS

log = logging.getLogger("eeds.request")

# Requested every few seconds by machines: not logged.
SILENT = frozenset({"health.live", "health.ready", "metrics.metrics"})
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def register(app: Flask) -> None:
    """Log and count the app's requests; must be registered before all other hooks."""
    app.before_request(begin)
    app.after_request(report_when_sent)
    app.register_blueprint(metrics.blueprint)


def begin() -> None:
    """Note the time, and the request id for all lines that are logged during this request."""
    g.started = time.perf_counter()
    logs.about.set({"request_id": request_id()})


def report_when_sent(response: Response) -> Response:
    """Log and count the request when the last of its answer has been sent; the client gets its id in our logs."""
    response.headers["X-Request-ID"] = request_id()
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
