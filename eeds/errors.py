"""Domain exceptions. eeds.web.errors turns them into HTTP answers, the CLI into a line on stderr."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


class EedsError(Exception):
    """Something a user did, or can do something about; its text is written for that user."""


class ConfigurationError(EedsError):
    """A setting is missing or wrong, or the database does not fit this code."""


class NotFound(EedsError):
    """There is no such object, or the caller may not see it."""


class Forbidden(EedsError):
    """The caller may see the object, but not do this."""


class Conflict(EedsError):
    """The object is not in a state in which this can be done; the text says which it is in."""


class Gone(EedsError):
    """What was asked for was there once, and is not kept any more; the text says what is."""


class Busy(EedsError):
    """So much of this is asked for at once that it has to be tried again later."""


class MalformedBody(EedsError):
    """A body or file is not what its media type or encoding says."""


class BodyTooLarge(EedsError):
    """A body or file is larger than the limit, as it was sent or unpacked."""


class Invalid(EedsError):
    """The input was refused; `messages` says why, by field (for a list: of each item), as the API says it."""

    def __init__(self, messages: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        super().__init__(" ".join(texts_in(messages)))
        self.messages = messages


def texts_in(messages: Any) -> Iterator[str]:
    """The messages alone, without the fields that they are about."""
    if isinstance(messages, str):
        yield messages
    else:
        for part in messages.values() if isinstance(messages, Mapping) else messages:
            yield from texts_in(part)
