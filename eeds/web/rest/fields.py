"""Marshmallow fields that accept what the original's clients send, with the original's messages."""

import math
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from eeds.db.tables import Base
from eeds.formats import messages
from eeds.formats.timestamps import parse_date, parse_datetime
from eeds.formats.values import checked_text, parse_bool, parse_int, parse_number

fields.Field.default_error_messages |= {"required": messages.REQUIRED, "null": messages.NULL}


def breaks_integrity(message: str) -> bool:
    """Whether the database itself would have refused the value: null where it may not be, or a dangling key."""
    return message == messages.NULL or message.startswith(messages.INVALID_PK.partition("{")[0])


class Parsed(fields.Field[Any]):
    """A field whose values `parse` reads, a function that raises ValueError with what is wrong."""

    def parse(self, value: Any) -> Any:
        """The value that is meant; `value` is one of JSON, or the text of a form."""
        raise NotImplementedError

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return self.parse(value)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class Char(Parsed, fields.String):
    """Text; numbers are taken as their digits and surrounding blanks are dropped, as the original did."""

    def __init__(self, max_length: int = 255, *, blank: bool = False, **kwargs: Any) -> None:
        error = f"Ensure this field has no more than {max_length} characters."
        super().__init__(validate=[validate.Length(max=max_length, error=error)], **kwargs)
        self.blank = blank

    def parse(self, value: Any) -> str:
        """The text."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError("Not a valid string.")
        text = str(value).strip()
        if not text and not self.blank:
            raise ValueError(messages.BLANK)
        return checked_text(text)


class Choice(Parsed, fields.String):
    """One of a fixed set of words."""

    def __init__(self, choices: Iterable[str], **kwargs: Any) -> None:
        self.choices = tuple(choices)
        super().__init__(metadata={"enum": list(self.choices)}, **kwargs)

    def parse(self, value: Any) -> str:
        """The word."""
        if not isinstance(value, str) or value not in self.choices:
            raise ValueError(f'"{value}" is not a valid choice.')
        return value


class Timestamp(Parsed, fields.DateTime):
    """An instant, see eeds.formats.timestamps."""

    def parse(self, value: Any) -> datetime:
        """The instant in UTC."""
        return parse_datetime(str(value))


class Day(Parsed, fields.Date):
    """A calendar day."""

    def parse(self, value: Any) -> date:
        """The day."""
        return parse_date(str(value))


class Number(Parsed, fields.Float):
    """A finite number, or its text; NaN, which data frames send for a gap, is null where null may be."""

    def parse(self, value: Any) -> float | None:
        """The number, None for NaN."""
        number = parse_number(value)
        if number is None or (math.isnan(number) and not self.allow_none):
            raise ValueError(messages.NUMBER)
        return None if math.isnan(number) else number


class WholeNumber(Parsed, fields.Integer):
    """A whole number that fits a bigint, or its text."""

    def parse(self, value: Any) -> int:
        """The number."""
        number = parse_int(value)
        if number is None:
            raise ValueError(messages.INTEGER)
        return number


class Flag(Parsed, fields.Boolean):
    """True or false, or a word for it."""

    def parse(self, value: Any) -> bool:
        """The boolean."""
        flag = parse_bool(value)
        if flag is None:
            raise ValueError(messages.not_a_boolean(value))
        return flag


class Id(Parsed, fields.Integer):
    """The key of an object of which something else says what it is."""

    def parse(self, value: Any) -> int:
        """The id."""
        key = parse_int(value)
        if key is None:
            raise ValueError(messages.invalid_pk(value) if isinstance(value, int) else messages.not_a_pk(value))
        return key


class Pk(Id):
    """The key of an object; that the caller may see it is checked by the schema, for a whole body at once."""

    def __init__(self, model: type[Base], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model = model


class Pks(Parsed, fields.List[int]):
    """Keys of objects of one model; errors of any of them are errors of the field."""

    def __init__(self, model: type[Base], *, allow_empty: bool = True, **kwargs: Any) -> None:
        super().__init__(Pk(model), **kwargs)
        self.model = model
        self.allow_empty = allow_empty

    def parse(self, value: Any) -> list[int]:
        """The ids, each once."""
        if not isinstance(value, list):
            raise ValueError(f'Expected a list of items but got type "{type(value).__name__}".')
        if not value and not self.allow_empty:
            raise ValueError("This list may not be empty.")
        keys: list[Any] = [self.inner.deserialize(item) for item in value]
        return list(dict.fromkeys(keys))
