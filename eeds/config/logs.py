"""Logs: a line of JSON for each event, which names the request or the run that it belongs to.

Nothing of a body, a query string or a header goes into them, so that no token does.
"""

import logging
import logging.config
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec

# What every line of this context has besides its message: request_id, run.
about: ContextVar[Mapping[str, Any]] = ContextVar("about", default={})  # noqa: B039 - never changed in place

FIELDS = ("time", "level", "logger", "message")


class JsonLine(logging.Formatter):
    """A record as a line of JSON; `extra={"about": {...}}` adds to it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON, its exception as text."""
        line = {
            "time": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **about.get(),
            **getattr(record, "about", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


CONFIGURATION: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLine}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
    "root": {"level": "INFO", "handlers": ["stdout"]},
}


def configure() -> None:
    """Have this process log to standard output, as gunicorn.conf.py does for the web."""
    logging.config.dictConfig(CONFIGURATION)


def humanise(line: str) -> str:
    """A log line for a person at a terminal; a line that is not one of ours stays as it is."""
    try:
        event = msgspec.json.decode(line)
        _, level, _, message = (event.pop(name) for name in FIELDS)
    except (msgspec.DecodeError, AttributeError, KeyError, TypeError):
        return line
    exception = event.pop("exception", None)
    details = " ".join(f"{name}={value}" for name, value in event.items())
    return f"{level} {message}{f' ({details})' if details else ''}" + (f"\n{exception}" if exception else "")
