"""The options of `eeds upload energy` that say of a file what it does not say itself."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

# by the API's name: the flag, what it takes, and the help
FILE_OPTIONS = {
    "project_id": ("--project", "PROJECT_ID", "Whose readings they are, if the file does not say it."),
    "fuel": ("--fuel", "FUEL", "As electricity or natural_gas, if the file does not say it."),
    "unit": ("--unit", "UNIT", "As kWh, therm or CCF, if the file does not say it."),
    "trace_id": ("--trace", "TRACE_ID", "The name of their trace, if the file does not say it."),
    "timezone": ("--timezone", "ZONE", "Of times without an offset, as America/Chicago or +10:00."),
    "date_format": ("--date-format", "FORMAT", "Of days that may be read in two ways, as DD/MM/YYYY."),
    "decimal": ("--decimal", ".|,", "Of numbers that may be read in two ways."),
    "sheet": ("--sheet", "NAME", "Of a workbook that has several."),
    "heating_value": ("--heating-value", "VALUE", "Of gas in volumes, as 38.5 MJ/m3 or 1035 BTU/ft3."),
}


def file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say of a file what it does not say itself; it gets them as `said`."""

    @wraps(command)
    def with_said(*args: Any, **options: Any) -> None:
        said = {name: text for name in FILE_OPTIONS if (text := options.pop(name))}
        command(*args, said=said, **options)

    wrapped: Callable[..., None] = with_said
    for name, (flag, metavar, help) in reversed(FILE_OPTIONS.items()):
        wrapped = click.option(flag, name, metavar=metavar, help=help)(wrapped)
    return wrapped


def with_flags(text: str) -> str:
    """A message of the server with the names of its options as the command line has them."""
    text = re.sub(r"\bthe option (\w+)", lambda found: flag_of(found[1]), text)
    text = re.sub(r"\bgive date_format\b", f"give {flag_of('date_format')}", text)
    text = re.sub(r"\bdecimal=([.,])", rf"{flag_of('decimal')} \1", text)
    return text.replace("start=..., value=...", "--map start=...,value=...")


def flag_of(option: str) -> str:
    """The flag of an option of the API."""
    return FILE_OPTIONS[option][0] if option in FILE_OPTIONS else f"the option {option}"
