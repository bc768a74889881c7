"""The options of commands that talk to a server: its URL, and the caller's token."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from eeds.client import Client

DEFAULT_URL = "http://127.0.0.1:8000"

Command = Callable[..., None]


def remote(command: Command) -> Command:
    """Give a command the options --url and --token, and a Client made of them as its first argument."""

    @click.option("--url", envvar="EEDS_URL", default=DEFAULT_URL, show_default=True, show_envvar=True)
    @click.option("--token", envvar="EEDS_TOKEN", required=True, show_envvar=True, help="See: eeds token create")
    @wraps(command)
    def with_client(url: str, token: str, **arguments: Any) -> None:
        with Client(url, token) as client:
            command(client, **arguments)

    return with_client
