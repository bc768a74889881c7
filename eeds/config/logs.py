"""Logs: a line of JSON for each event, which names the request or the run that it belongs to.

Nothing of a body, a query string or a header goes into them, so that no token does: of an exception they have where it
was raised and its type, for its message may hold what was sent. A line is ASCII, so that nothing in it ends it.
"""

import json
import logging
import logging.config
import traceback
from collections.abc import Iterator, Mapping
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
        """The record as JSON, its exception as text without messages."""
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
        return json.dumps(line, default=str)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Where the exception and those before it were raised, and their types."""
        return "\n\n".join(without_messages(ei[1]))


def without_messages(error: BaseException | None) -> Iterator[str]:
    """The traceback of an exception after those of what it came from, each as Python shows it but for its message."""
    if error is None:
        return
    yield from without_messages(error.__cause__ or (None if error.__suppress_context__ else error.__context__))
    frames = "".join(traceback.format_tb(error.__traceback__))
    yield f"Traceback (most recent call last):\n{frames}{type(error).__module__}.{type(error).__qualname__}"


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
    """A log line for a person at a terminal: one line, but for an exception; one that is not ours stays as it is."""
    try:
        event = msgspec.json.decode(line)
        _, level, _, message = (event.pop(name) for name in FIELDS)
    except (msgspec.DecodeError, AttributeError, KeyError, TypeError):
        return line
    exception = event.pop("exception", None)
    details = " ".join(f"{name}={value}" for name, value in event.items())
    told = "".join(map(visible, f"{level} {message}{f' ({details})' if details else ''}"))
    return told + (f"\n{exception}" if exception else "")


def visible(character: str) -> str:
    """The character, escaped if a terminal would do something else than show it."""
    return character if character.isprintable() else character.encode("unicode_escape").decode()
