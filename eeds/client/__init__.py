"""The client of a datastore: of analysts, of the command line and of the demo. docs/client.md shows it at work."""

from eeds.client.client import Client
from eeds.client.errors import (
    AccessDenied,
    ApiError,
    Missing,
    NoAnswer,
    Refused,
    RowsRefused,
    RunFailed,
    ServerFailed,
    StillRunning,
)
from eeds.client.group import Group
from eeds.client.http import batches

__all__ = [
    "AccessDenied",
    "ApiError",
    "Client",
    "Group",
    "Missing",
    "NoAnswer",
    "Refused",
    "RowsRefused",
    "RunFailed",
    "ServerFailed",
    "StillRunning",
    "batches",
]
