"""The options of commands that take meter_settings: --setting and --settings. The server checks them."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

# Settings that are texts, also those that look like numbers.
TEXTS = ("model", "timezone", "weather_station", "net_metering_changed", "ev_charging_installed", "as_of")

Command = Callable[..., None]


def given_settings(command: Command) -> Command:
    """Give a command the options, and what they say as the argument `settings`; empty for the defaults."""

    @click.option(
        "--setting",
        "single",
        multiple=True,
        metavar="NAME=VALUE",
        help="A setting of the meter, as model=daily or baseline_days=null; may be given several times.",
    )
    @click.option(
        "--settings",
        "file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Settings of the meter in a file of JSON; --setting goes before it.",
    )
    @wraps(command)
    def with_settings(*arguments: Any, single: Sequence[str], file: Path | None, **options: Any) -> None:
        settings = {**(settings_in(file) if file else {}), **dict(map(setting_in, single))}
        command(*arguments, settings=settings, **options)

    return with_settings


def settings_in(file: Path) -> Mapping[str, Any]:
    """The settings in a file; raises UsageError for what is no object of JSON."""
    try:
        settings = json.loads(file.read_bytes())
    except ValueError as error:
        raise click.UsageError(f"{file} is not JSON: {error}") from error
    if not isinstance(settings, dict):
        raise click.UsageError(f'{file} must have an object of settings, as {{"model": "daily"}}.')
    return settings


def setting_in(text: str) -> tuple[str, Any]:
    """The name and value of one: a value is JSON, or a text if it is none; raises UsageError."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(f"--setting {text}: give it as NAME=VALUE, for example model=daily.")
    if name in TEXTS and value != "null":
        return name, value
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
