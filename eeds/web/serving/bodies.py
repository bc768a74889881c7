"""The body of a request as the application reads it."""

from typing import Any, NoReturn

from flask import request
from gunicorn.http.errors import NoMoreData, ParseException

from eeds.errors import BodyTooLarge, MalformedBody


class BodyToCome(BaseException):
    """A view reads a body that is not there yet, as far as `max_bytes`. No handler of errors may take it for one."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes)
        self.max_bytes = max_bytes


class MissingBody:
    """The body of a request that is handled for its head alone."""

    def read(self, size: int = -1) -> NoReturn:
        """Raises BodyToCome with what Flask would let the view read."""
        limits = [request.max_content_length]
        if request.mimetype == "application/x-www-form-urlencoded":
            limits.append(request.max_form_memory_size)
        raise BodyToCome(min(limit for limit in limits if limit is not None))

    readline = readlines = __iter__ = read


class ArrivedBody:
    """A body that is there; what is wrong with its chunks is the client's error."""

    def __init__(self, body: Any, is_too_large: bool) -> None:
        self.body = body
        self.is_too_large = is_too_large  # so that not all of it was received

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`. Raises MalformedBody, BodyTooLarge."""
        return self.checked(self.body.read, size)

    def readline(self, size: int = -1) -> bytes:
        """The next line, at most `size` bytes of it. Raises MalformedBody, BodyTooLarge."""
        return self.checked(self.body.readline, size)

    def checked(self, read: Any, size: int) -> bytes:
        """What it reads."""
        try:
            return read(size)
        except ParseException as error:
            raise MalformedBody(f"The chunks of the body cannot be read: {error}") from error
        except NoMoreData as error:
            if self.is_too_large:
                raise BodyTooLarge("The request body is too large.") from error
            raise MalformedBody("The body ends before its end: the connection was cut.") from error
