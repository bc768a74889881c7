"""Domain exceptions. eeds.web.errors turns them into HTTP answers, the CLI into a line on stderr."""

from collections.abc import Mapping, Sequence
from typing import Any


class EedsError(Exception):
    """Something a user did, or can do something about; its text is written for that user."""


class ConfigurationError(EedsError):
    """A setting is missing or wrong, or the database does not fit this code."""


class NotFound(EedsError):
    """There is no such object, or it is not the asker's to see."""


class Invalid(EedsError):
    """The input was refused; `messages` says why, by field (for a list: of each item), as the API says it."""

    def __init__(self, messages: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        super().__init__(str(messages))
        self.messages = messages
