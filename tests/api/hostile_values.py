"""Texts and numbers that nobody means, each of which has once made some server fail."""

from typing import Any

# For parameters of queries too.
SHORT_TEXTS = [
    "\ud800",  # half a character, which JSON can name and UTF-8 cannot hold
    "a\0b",
    "9" * 400,
    "NaN",
    "1-1+1-1+9-3",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
]
TEXTS = [
    *SHORT_TEXTS,
    "a\udfff\0b",
    "",
    "-9223372036854775809",
    "1e400",
    "٣",  # a digit to Python
    "1_0",
    "2014-01-01T00:00:00+99:99",
    "main\r@SUM(1+1)",
    "%s%n{0}{}\\",
    "../../etc/passwd",
    "x" * 300,
]
VALUES: list[Any] = [
    *TEXTS,
    10**400,
    -(10**19),
    2**63,
    1e308,
    float("nan"),
    float("inf"),
    None,
    True,
    [],
    [["\ud800"]],
    {},
    {"\ud800": 10**400},
]
NO_BODIES = ["\ud800", 10**400, float("nan"), None, [], [["\ud800"]], {"\ud800": 10**400}]
