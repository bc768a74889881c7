"""What the API says of a value it refuses, in the words that the original's clients know."""

from collections.abc import Mapping
from typing import Any

REQUIRED = "This field is required."
NULL = "This field may not be null."
INVALID_TEXT = "Null characters and unpaired surrogates are not allowed."
BLANK = "This field may not be blank."
NUMBER = "A valid number is required."
INTEGER = "A valid integer is required."
SHOWN = 40  # characters of a cell in a message
INVALID_PK = 'Invalid pk "{}" - object does not exist.'


def invalid_pk(value: object) -> str:
    """What to say of a key that names nothing that the caller can see."""
    return INVALID_PK.format(value)


def not_a_pk(value: object) -> str:
    """What to say of something that cannot be a key at all."""
    return f"Incorrect type. Expected pk value, received {type(value).__name__}."


def not_a_boolean(value: object) -> str:
    """What to say of something that is neither true nor false."""
    return f'"{value}" is not a valid boolean.'


def not_an_object(value: object) -> str:
    """What to say of something that should have been an object with fields."""
    return f"Invalid data. Expected a dictionary, but got {type(value).__name__}."


def about_cell(line: int, column: str | None, value: str | None, message: str) -> str:
    """A message about a value of a table, with its place; without a column it is about the row."""
    place = f", column {column}, {value!r}" if column else ""
    return f"line {line}{place}: {message}"


def about_repair(line: int, column: str, before: str, after: str) -> str:
    """That a value of a table is read as something else than it says, with its place."""
    return about_cell(line, column, before, f"read as {after!r}.")


def about_reading(refusal: Mapping[str, Any]) -> str:
    """A message about a reading of a Green Button file, with its place."""
    value = "" if refusal["value"] is None else f", {refusal['value']!r}"
    return f"{place_in_feed(refusal)}, {refusal['field']}{value}: {refusal['message']}"


def about_skipped(part: Mapping[str, Any]) -> str:
    """What of a Green Button file is nothing that can be stored, with its place, and why."""
    lost = part.get("readings", 0)
    count = f" ({lost:,} {'reading' if lost == 1 else 'readings'})" if lost else ""
    return f"{place_in_feed(part)}: skipped {part['what']}{count}: {part['reason']}"


def place_in_feed(part: Mapping[str, Any]) -> str:
    """Where something stands: in a zip, also in which file."""
    return f"{part['file']}, line {part['line']}" if part.get("file") else f"line {part['line']}"


def about_table(name: str, message: str) -> str:
    """A message about "The table" with the name of the file or frame in its place, so that people know which one."""
    return message.replace("The table", name, 1) if message.startswith("The table ") else f"{name}: {message}"


def shown(text: str) -> str:
    """A text of a file as a message shows it: in quotes, and not more than its beginning."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "...")
