"""Marshmallow fields that take what the original's clients send and answer in its words."""

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from marshmallow import ValidationError, fields, validate

from eeds.tables import Base
from eeds.timestamps import parse_date, parse_datetime

REQUIRED = "This field is required."
NULL = "This field may not be null."
BLANK = "This field may not be blank."
NUMBER = "A valid number is required."
INTEGER = "A valid integer is required."
MAX_BIGINT = 2**63 - 1
_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)

TRUE_WORDS = frozenset({"t", "true", "1", "on", "yes", "y"})
FALSE_WORDS = frozenset({"f", "false", "0", "off", "no", "n"})

fields.Field.default_error_messages |= {"required": REQUIRED, "null": NULL}


INVALID_PK = 'Invalid pk "{}" - object does not exist.'


def invalid_pk(value: object) -> str:
    """What to say of a key that names nothing the asker can see."""
    return INVALID_PK.format(value)


def breaks_integrity(message: str) -> bool:
    """Whether the database itself would have refused the value: null where it may not be, or a dangling key."""
    return message == NULL or message.startswith(INVALID_PK.partition("{")[0])


def parse_int(value: Any) -> int | None:
    """A whole number that fits a bigint, from a number or its text; None for anything else."""
    if isinstance(value, bool):
        return None
    if (isinstance(value, str) and _INTEGER.fullmatch(value.strip())) or (
        isinstance(value, float) and value.is_integer()
    ):
        value = int(value)
    return value if isinstance(value, int) and -MAX_BIGINT <= value <= MAX_BIGINT else None


def parse_bool(value: Any) -> bool | None:
    """A boolean from what JSON and forms use for one; None for anything else."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None


class Char(fields.String):
    """Text; numbers are taken as their digits and surrounding blanks are dropped, as the original did."""

    def __init__(self, max_length: int = 255, *, blank: bool = False, **kwargs: Any) -> None:
        error = f"Ensure this field has no more than {max_length} characters."
        super().__init__(validate=[validate.Length(max=max_length, error=error)], **kwargs)
        self.blank = blank

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValidationError("Not a valid string.")
        text = str(value).strip()
        if not text and not self.blank:
            raise ValidationError(BLANK)
        if "\0" in text or (not text.isprintable() and any("\ud800" <= c <= "\udfff" for c in text)):
            raise ValidationError("Null characters and unpaired surrogates are not allowed.")
        return text


class Choice(fields.String):
    """One of a fixed set of words."""

    def __init__(self, choices: Iterable[str], **kwargs: Any) -> None:
        self.choices = tuple(choices)
        super().__init__(metadata={"enum": list(self.choices)}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise ValidationError(f'"{value}" is not a valid choice.')
        return value


class Timestamp(fields.DateTime):
    """An instant, see eeds.timestamps."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return _parsed(parse_datetime, value)


class Day(fields.Date):
    """A calendar day."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return _parsed(parse_date, value)


def _parsed(parse: Callable[[str], Any], value: Any) -> Any:
    try:
        return parse(str(value))
    except ValueError as error:
        raise ValidationError(str(error)) from error


class Number(fields.Float):
    """A finite number, or its text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        try:
            number = float("x" if isinstance(value, bool) else value)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValidationError(NUMBER) from error
        if not math.isfinite(number):
            raise ValidationError(NUMBER)
        return number


class WholeNumber(fields.Integer):
    """A whole number that fits a bigint, or its text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = parse_int(value)
        if number is None:
            raise ValidationError(INTEGER)
        return number


class Flag(fields.Boolean):
    """True or false, or a word for it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        flag = parse_bool(value)
        if flag is None:
            raise ValidationError(f'"{value}" is not a valid boolean.')
        return flag


class Pk(fields.Integer):
    """The key of an object; that the asker can see it is checked by the schema, for a whole body at once."""

    def __init__(self, model: type[Base], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model = model

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        key = parse_int(value)
        if key is None:
            if isinstance(value, int):
                raise ValidationError(invalid_pk(value))
            raise ValidationError(f"Incorrect type. Expected pk value, received {type(value).__name__}.")
        return key
