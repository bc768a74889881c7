"""The input of every request: what the connection does wrong is the client's error, whoever reads the body."""

from typing import Any

from flask import request
from gunicorn.http.errors import ParseException

from eeds.errors import MalformedBody

# What gunicorn raises for a connection that breaks, and for malformed chunks.
BROKEN = (OSError, ParseException)


class CheckedInput:
    """The stream of a request's body."""

    def __init__(self, body: Any) -> None:
        self.body = body

    def read(self, size: int = -1) -> bytes:
        """The next bytes of the body, at most `size`; raises MalformedBody."""
        try:
            data: bytes = self.body.read(size)
        except BROKEN as error:
            raise unreadable(error) from error
        return data

    def readline(self, size: int = -1) -> bytes:
        """The next line of the body, at most `size` bytes of it; raises MalformedBody."""
        try:
            data: bytes = self.body.readline(size)
        except BROKEN as error:
            raise unreadable(error) from error
        return data


def unreadable(error: Exception) -> MalformedBody:
    """What to say of a body that cannot be read to its end."""
    return MalformedBody(f"The body cannot be read: {str(error).strip() or type(error).__name__}. Send it again.")


def check_input() -> None:
    """Before anything reads the body of a request."""
    request.environ["wsgi.input"] = CheckedInput(request.environ["wsgi.input"])
