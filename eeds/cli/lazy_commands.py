"""A group of commands that are imported when called: none waits for what the others need, nor does the list of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click


@dataclass(frozen=True)
class Section:
    """Commands that need the same: the module that has each, and the line that the list of commands has on it."""

    heading: str
    commands: Mapping[str, tuple[str, str]]


class LazyGroup(click.Group):
    """A group whose list of commands has sections. A command is the object of its name in its module, with an
    underscore behind a word that Python keeps for itself."""

    def __init__(self, *, sections: tuple[Section, ...], **settings: Any) -> None:
        super().__init__(**settings)
        self.sections = sections
        self.modules = {name: module for section in sections for name, (module, _) in section.commands.items()}
        self.commands = {name: click.Command(name) for name in self.modules}  # click suggests these for typing errors

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of that name."""
        if cmd_name not in self.modules:
            return None
        name = cmd_name.replace("-", "_")
        attribute = f"{name}_" if iskeyword(name) else name
        command: click.Command = getattr(import_module(self.modules[cmd_name]), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list, a section after the other."""
        width = max(map(len, self.modules))
        for section in self.sections:
            with formatter.section(section.heading):
                formatter.write_dl([(name.ljust(width), line) for name, (_, line) in section.commands.items()])
