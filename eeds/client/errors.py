"""What can go wrong between a client and its server. The text of each says what was wrong, where, and what to do."""

from typing import TYPE_CHECKING, Any

from eeds.errors import EedsError

if TYPE_CHECKING:
    import pandas as pd


class NoAnswer(EedsError):
    """Nothing answers at the server's URL, or not in time."""


class ApiError(EedsError):
    """The server answered, but not with what was asked for.

    `status` is HTTP's, `body` what it answered, decoded if it is JSON, `detail` the same in words, and `request_id`
    what the server's log calls the request.
    """

    def __init__(self, message: str, status: int, body: Any = None, detail: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body = body
        self.detail = detail
        self.request_id = request_id


class AccessDenied(ApiError):
    """401 or 403: the token is not valid, or may not do this."""


class Missing(ApiError):
    """404 or 410: there is no such object, it is not yours, or it is not kept any more."""


class Refused(ApiError):
    """Any other 4xx: the request has to be changed before it can be done."""


class ServerFailed(ApiError):
    """5xx, or 429 after several tries: nothing is wrong with the request."""


class RowsRefused(EedsError):
    """Some rows of a frame were not stored.

    `rows` are they, with the index and columns of the frame and what is wrong with each in a further column `error`;
    `counts` says what became of all rows.
    """

    def __init__(self, message: str, rows: "pd.DataFrame", counts: dict[str, int]) -> None:
        super().__init__(message)
        self.rows = rows
        self.counts = counts


class RunFailed(EedsError):
    """The meter has no result for a project."""


class StillRunning(EedsError):
    """Runs have not ended in the time that was given for it. They go on; wait for them again."""


def kind_of(status: int) -> type[ApiError]:
    """The error that a status makes."""
    if status in (401, 403):
        return AccessDenied
    if status in (404, 410):
        return Missing
    return ServerFailed if status == 429 or status >= 500 else Refused
