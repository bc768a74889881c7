"""What a run may be told: meter_settings, checked. The web process imports this, so nothing here needs numpy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import msgspec

AUTO, DAILY, BILLING, HOURLY = "auto", "daily", "billing", "hourly"
MODELS = (AUTO, DAILY, BILLING, HOURLY)
MAX_SEED = 2**32 - 1
# A hundred years: beyond any meter, and within what the calendar can count back.
MAX_BASELINE_DAYS = 36525


class MeterSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to compute; the defaults are those of CalTRACK 2."""

    # auto chooses daily or billing by the spacing of the readings
    model: str = AUTO
    # of every upper and lower in the result
    confidence_level: float = 0.95
    # only the last so many days of the baseline period are fitted; None = all of them
    baseline_days: int | None = 365
    # IANA name; it says where one day ends and the next begins
    timezone: str = "UTC"
    # None = the station pinned to the project, or the nearest that is good enough
    weather_station: str | None = None
    # fit and predict although the data are insufficient or the fit is poor
    ignore_disqualification: bool = False
    # of what the hourly model does at random; the others do nothing so
    seed: int = 0
    # take the stored result of a run with the same input
    reuse: bool = True


class InvalidSettings(ValueError):
    """Settings were refused; `messages` names each key, its value and what is allowed."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__(" ".join(messages))
        self.messages = messages


@dataclass(frozen=True)
class Rule:
    """What one key may be."""

    holds: Callable[[Any], bool]
    allowed: str

    def check(self, key: str, value: object) -> list[str]:
        """Nothing, or what is wrong."""
        return [] if self.holds(value) else [f"{key}: {value!r} is not allowed; give {self.allowed}."]


def is_boolean(value: object) -> bool:
    """JSON's true or false."""
    return isinstance(value, bool)


def is_confidence_level(value: object) -> bool:
    """A probability that leaves something open on both sides."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1


def is_baseline_days(value: object) -> bool:
    """A whole number of days, or all of them."""
    return value is None or (type(value) is int and 1 <= value <= MAX_BASELINE_DAYS)


def is_seed(value: object) -> bool:
    """A whole number that fits the library's generators."""
    return type(value) is int and 0 <= value <= MAX_SEED


def is_timezone(value: object) -> bool:
    """A name in the IANA database. ZoneInfo itself is no test: it raises five kinds of errors, one for directories."""
    return isinstance(value, str) and value in timezones()


@cache
def timezones() -> set[str]:
    """The names in the IANA database of this machine."""
    return available_timezones()


def is_station(value: object) -> bool:
    """The id of a station, or none."""
    return value is None or (isinstance(value, str) and bool(value.strip()))


RULES = {
    "model": Rule(lambda value: value in MODELS, f"one of the models there are: {', '.join(MODELS)}"),
    "confidence_level": Rule(is_confidence_level, "a number above 0 and below 1"),
    "baseline_days": Rule(is_baseline_days, f"a whole number from 1 to {MAX_BASELINE_DAYS}, or null for all days"),
    "timezone": Rule(is_timezone, "an IANA time zone such as America/Los_Angeles"),
    "weather_station": Rule(is_station, "the id of a weather station, or null"),
    "ignore_disqualification": Rule(is_boolean, "true or false"),
    "seed": Rule(is_seed, f"a whole number from 0 to {MAX_SEED}"),
    "reuse": Rule(is_boolean, "true or false"),
}


def parse_settings(raw: Mapping[str, Any] | None) -> MeterSettings:
    """The settings of a run from its meter_settings, None meaning the defaults; raises InvalidSettings with every key
    that is unknown or has a value that is not allowed."""
    given = raw or {}
    messages = [message for key, value in given.items() for message in check(key, value)]
    if messages:
        raise InvalidSettings(messages)
    return MeterSettings(**given)


def check(key: str, value: object) -> list[str]:
    """Nothing, or what is wrong with a key or its value."""
    if key not in RULES:
        return [f"{key}: {value!r} is not allowed, for there is no such setting; there are {', '.join(RULES)}."]
    return RULES[key].check(key, value)
