"""Commands that are imported when they are asked for: none waits for what the others need, and the list of them for
nothing at all."""

from collections import UserDict
from importlib import import_module
from typing import Any

import click


class Commands(UserDict[str, Any]):
    """The commands by name, which is their name in Python too. It is made of the modules that they are in."""

    def __getitem__(self, name: str) -> click.Command:
        command: click.Command = getattr(import_module(super().__getitem__(name)), name.replace("-", "_"))
        return command


class LaterGroup(click.Group):
    """A group of such commands; `told` is what the list of them says of each."""

    def __init__(self, *, modules: dict[str, str], told: dict[str, str], **settings: Any) -> None:
        super().__init__(commands=Commands(modules), **settings)
        self.told = told

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.told[name]) for name in self.list_commands(ctx)])
