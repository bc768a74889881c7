"""Values as clients send them: JSON's own, or text that means one."""

import json
import math
import re
from typing import Any

from eeds.formats.messages import INVALID_TEXT

MAX_BIGINT = 2**63 - 1
SURROGATES = re.compile("[\ud800-\udfff]")
_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)

TRUE_WORDS = frozenset({"t", "true", "1", "on", "yes", "y"})
FALSE_WORDS = frozenset({"f", "false", "0", "off", "no", "n"})


def checked_text(text: str) -> str:
    """A text that can be stored and sent; raises ValueError."""
    if "\0" in text or (not text.isprintable() and SURROGATES.search(text)):
        raise ValueError(INVALID_TEXT)
    return text


def parse_json(text: bytes) -> Any:
    """What a JSON text says; raises ValueError. NaN and Infinity, which are not JSON but what data frames write for a
    value they do not have, are NaN."""
    try:
        return json.loads(text, parse_constant=lambda _: math.nan)
    except RecursionError as error:
        raise ValueError("the text is nested too deeply") from error


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
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None


def parse_number(value: Any) -> float | None:
    """A finite number or NaN, from a number or its text; None for anything else."""
    if isinstance(value, bool) or (isinstance(value, str) and not is_plain(value)):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if math.isinf(number) else number


def is_plain(text: str) -> bool:
    """Whether a text has none of what only Python takes for a part of a number: 1_5 is rather a slip than 15."""
    return "_" not in text and text.strip().isascii()
