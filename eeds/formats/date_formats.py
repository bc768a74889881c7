"""Formats of dates by name: DD/MM/YYYY HH:mm as spreadsheets have them, %d/%m/%Y %H:%M as programmers do."""

import re
from collections.abc import Iterator, Sequence

from eeds.errors import MalformedBody
from eeds.formats.date_readings import Moment, Reading, moment, month_named, with_clock
from eeds.formats.messages import shown

EXAMPLES = (
    "DD/MM/YYYY, MM/DD/YYYY, DD.MM.YYYY, YYYY-MM-DD, MM/DD/YY HH:mm, DD/MM/YYYY hh:mm:ss AM, D-MMM-YY, %d/%m/%Y %H:%M"
)
LONGEST = 60
BLANKS = str.maketrans({"\xa0": " ", "\u202f": " "})
LITERALS = ("T",)  # between date and time, as in ISO 8601
PATTERNS = {
    "year": r"(?P<year>\d{4})",
    "short_year": r"(?P<year>\d{2})",
    "month": r"(?P<month>\d{1,2})",
    "name": r"(?P<name>[A-Za-z]{3,9})\.?",
    "day": r"(?P<day>\d{1,2})",
    "hour": r"(?P<hour>\d{1,2})",
    "minute": r"(?P<minute>\d{2})",
    "second": r"(?P<second>\d{2})",
    "fraction": r"(?P<fraction>\d{1,9})",
    "half": r"(?P<half>[AaPp]\.?[Mm]?\.?)",
    "zone": r"(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})",
    "weekday": r"(?P<weekday>[A-Za-z]+\.?,?)",
}
OF_STRPTIME = {
    **{"%Y": "year", "%y": "short_year", "%m": "month", "%b": "name", "%B": "name", "%d": "day", "%e": "day"},
    **{"%H": "hour", "%I": "hour", "%M": "minute", "%S": "second", "%f": "fraction", "%p": "half", "%z": "zone"},
    **{"%a": "weekday", "%A": "weekday"},
}
# The letters of other formats, small or not; of m it depends on what stands before it.
OF_LETTERS = {
    **{"yyyy": "year", "yy": "short_year", "mmm": "name", "mmmm": "name", "d": "day", "dd": "day"},
    **{"ddd": "weekday", "dddd": "weekday", "h": "hour", "hh": "hour", "s": "second", "ss": "second"},
    **{
        "a": "half",
        "am": "half",
        "pm": "half",
        "am/pm": "half",
        "tt": "half",
        "z": "zone",
        "zz": "zone",
        "xxx": "zone",
    },
}
YEARS, MONTHS = {"year", "short_year"}, {"month", "name"}
CLOCK = {"minute", "second", "fraction", "half", "zone"}
BEFORE_CLOCK = {re.escape(each) for each in " ,T"}
TOKEN = re.compile(r"%.|am/pm|[ap]m|(?<=[.,])S+|(?P<letter>[A-Za-z])(?P=letter)*|'[^']*'|.", re.IGNORECASE)


def reading_of(date_format: str) -> Reading:
    """The reading of a format. Raises MalformedBody with examples for one that is not known.

    A time of day with colons behind the date is not read by the format but as any other (eeds.formats.clock_times), and
    may be missing: spreadsheets leave out midnight.
    """
    parts: list[str] = []
    patterns, clock_at = [], 0
    for token in tokens(date_format):
        patterns.append(pattern_of(token, parts, date_format))
        clock_at = clock_at or (len(patterns) - 1 if parts[-1:] == ["hour"] else 0)
    if not is_complete(parts):
        raise unknown(date_format)
    if is_usual(parts) and patterns[clock_at - 1] in BEFORE_CLOCK and ":" in patterns[clock_at:]:
        patterns, clock_at = patterns[:clock_at], 0
        while patterns and patterns[-1] in BEFORE_CLOCK:
            patterns.pop()
    compiled = re.compile("".join(patterns), re.ASCII)
    return Reading(date_format, lambda text: read_by(compiled, text), has_clock=bool(clock_at) or parts[0] == "hour")


def is_complete(parts: Sequence[str]) -> bool:
    """Whether a format says each part of a date once, and of no time without its hour."""
    known = set(parts)
    has_date = "day" in known and len(known & YEARS) == 1 and len(known & MONTHS) == 1
    return has_date and len(parts) == len(known) and ("hour" in known or not known & CLOCK)


def is_usual(parts: Sequence[str]) -> bool:
    """Whether the time of day stands behind the date."""
    return "hour" in parts and not set(parts[parts.index("hour") :]) & (YEARS | MONTHS | {"day", "weekday"})


def tokens(date_format: str) -> Iterator[str]:
    """The parts of a format and what stands between them."""
    if len(date_format) > LONGEST:
        raise unknown(date_format)
    return (match[0] for match in TOKEN.finditer(date_format.strip()))


def pattern_of(token: str, parts: list[str], date_format: str) -> str:
    """The regular expression of a token; what it stands for is added to the parts. Raises MalformedBody."""
    if token.startswith("'"):
        return re.escape(token.strip("'"))
    if not token[-1].isalpha() or token in LITERALS:
        return re.escape(token)
    part = part_named(token, parts)
    if part is None:
        raise unknown(date_format)
    parts.append(part)
    return PATTERNS[part]


def part_named(token: str, parts: list[str]) -> str | None:
    """What a token stands for; None if that is not known. m and mm are minutes behind an hour and where the month is
    there already, else months."""
    if token.startswith("%"):
        return OF_STRPTIME.get(token)
    letters = token.lower()
    if letters in ("m", "mm"):
        return "minute" if parts and (parts[-1] == "hour" or MONTHS & set(parts)) else "month"
    if set(token) == {"S"} and "second" in parts:
        return "fraction"
    return OF_LETTERS.get(letters)


def read_by(pattern: re.Pattern[str], text: str) -> Moment | None:
    """The moment in a text, by the pattern of a format."""
    match = pattern.fullmatch(text.translate(BLANKS))
    if match is None:
        return None
    found = match.groupdict()
    month = found["month"] if "month" in found else month_named(found["name"])
    day = moment(found["year"], month, found["day"]) if month else None
    if day is None or "hour" not in found:
        return day
    clock = f"{found['hour']}:{found.get('minute', '00')}:{found.get('second', '00')}"
    return with_clock(
        day, f"{clock}.{found.get('fraction', '0')} {found.get('half', '')} {found.get('zone', '')}".strip()
    )


def unknown(date_format: str) -> MalformedBody:
    """The error for a format that is not understood."""
    return MalformedBody(f"date_format {shown(date_format)} is not known; write it as one of these: {EXAMPLES}.")
