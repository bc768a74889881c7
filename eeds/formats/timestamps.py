"""Times as the API reads them: ISO 8601 with or without an offset, kept in UTC."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

FORMAT_HINT = (
    "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
)
_DATETIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,6})\d*)?)?"
    r"\s*(?:(Z)|([+-])(\d{2})(?::?(\d{2}))?)?",
    re.ASCII,
)
# As nearly everybody writes it; the standard library reads that ten times as fast.
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?\Z", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


def parse_datetime(text: str) -> datetime:
    """The instant `text` names, in UTC; a time without an offset is UTC. Raises ValueError for anything else."""
    try:
        return as_utc(datetime.fromisoformat(text) if _USUAL.match(text) else parse_loose(text))
    except (ValueError, OverflowError) as error:
        raise ValueError(FORMAT_HINT) from error


def as_utc(time: datetime) -> datetime:
    """The same instant in UTC; a time without an offset is UTC."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def parse_loose(text: str) -> datetime:
    """The instant in what the standard library does not read: one digit for a day, blanks, a comma, no seconds. Raises
    ValueError, whose text is not for users."""
    match = _DATETIME.fullmatch(text.strip())
    if not match:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, _, sign, off_hours, off_minutes = match.groups(default="0")
    offset = timedelta(hours=int(off_hours), minutes=int(off_minutes))
    zone = timezone(-offset if sign == "-" else offset)
    microsecond = int(fraction.ljust(6, "0"))
    return datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), microsecond, zone)


def parse_date(text: str) -> date:
    """The day `text` names, as YYYY-MM-DD. Raises ValueError for anything else."""
    match = _DATE.fullmatch(text.strip())
    if not match:
        raise ValueError("Date has wrong format. Use one of these formats instead: YYYY-MM-DD.")
    return date(*(int(x) for x in match.groups()))


def parse_instant(text: str) -> datetime:
    """The instant `text` names, in UTC; a day alone is its first second. Raises ValueError for anything else."""
    if ":" not in text:
        with suppress(ValueError):
            return midnight(text)
    return parse_datetime(text)


def midnight(text: str) -> datetime:
    """The first second of the day in UTC. Raises ValueError."""
    day = parse_date(text)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
