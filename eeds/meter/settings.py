"""meter_settings: how a run computes, checked. The web process imports this, so nothing here needs numpy."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal, get_args
from zoneinfo import available_timezones

import msgspec
from msgspec import Meta

from eeds.meter.names import FUELS, Fuel

# What a run may be refused for although it is only worth a look otherwise, by the clause of CalTRACK.
Clause = Literal[
    "2.2.1.1",
    "2.2.1.4",
    "2.2.2.2",
    "2.2.3.1",
    "2.2.3.2",
    "2.2.3.4",
    "2.2.3.5",
    "2.2.4.1",
    "2.2.6",
    "2.2.7",
    "2.3.6",
    "3.3.3.5",
    "3.5.5.1",
    "3.5.5.2",
    "3.5.5.3",
    "3.5.5.4",
    "3.5.6",
]
CLAUSES: tuple[str, ...] = get_args(Clause)
Model = Literal["auto", "caltrack", "daily", "billing", "hourly", "caltrack_hourly"]
MODELS: tuple[str, ...] = get_args(Model)
AUTO, CALTRACK, DAILY, BILLING, HOURLY, CALTRACK_HOURLY = MODELS
EEMETER = "eemeter"  # the library, whose models and requirements are those that are not CalTRACK's
UTC = "UTC"
# Settings that are also attributes of a project.
OF_PROJECT = ("timezone", "net_metering_changed", "ev_charging_installed")
MAX_SEED = 2**32 - 1  # of the library's generators
# A hundred years: beyond any meter, and within what the calendar can count back.
MAX_BASELINE_DAYS = 36525


class MeterSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to compute; the defaults are those of CalTRACK 2."""

    # auto chooses by the readings' spacing what errs least, caltrack among CalTRACK's methods (eeds.meter.measured)
    model: Model = "auto"
    # other models for the traces of some fuels
    models: dict[Fuel, Model] = {}
    # of every upper and lower in the result
    confidence_level: Annotated[float, Meta(gt=0, lt=1)] = 0.95
    # only the last so many days of the baseline period are fitted; None = all of them
    baseline_days: Annotated[int, Meta(ge=1, le=MAX_BASELINE_DAYS)] | None = 365
    # IANA name; days begin and end at its midnights; null in meter_settings = the project's
    timezone: str = UTC
    # None = the station pinned to the project, or the nearest that is good enough
    weather_station: Annotated[str, Meta(pattern=r"\S")] | None = None
    # fit and predict although the data are insufficient or the fit is poor
    ignore_disqualification: bool = False
    # a fit whose CVRMSE is larger is refused (CalTRACK 4.3.2.1)
    cvrmse_threshold: Annotated[float, Meta(gt=0, le=1000)] = 1.0
    # what else there is no model for, by the clauses of CalTRACK
    disqualify: tuple[Clause, ...] = ()
    # when panels or another generator were installed or taken away behind the meter (CalTRACK 2.2.6)
    net_metering_changed: date | None = None
    # when a charger of electric vehicles was installed (CalTRACK 2.2.7)
    ev_charging_installed: date | None = None
    # of the random numbers in the hourly model; the others use none
    seed: Annotated[int, Meta(ge=0, le=MAX_SEED)] = 0
    # a fit that rounding moves less, at ten times the work
    robust: bool = False
    # the readings as they were stored at this time; None = those of now
    as_of: Annotated[datetime, Meta(tz=True)] | None = None
    # take the stored result of a run with the same input
    reuse: bool = True

    def model_for(self, fuel: str) -> str:
        """The model that is asked for the traces of a fuel."""
        chosen: Mapping[Any, str] = self.models
        return chosen.get(fuel, self.model)


class InvalidSettings(ValueError):
    """Settings were refused; `messages` names each key, its value and what is allowed."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__(" ".join(messages))
        self.messages = messages


# What to give for each key.
ALLOWED = {
    "model": f"one of the models there are: {', '.join(MODELS)}",
    "models": f"an object that gives some fuels ({', '.join(FUELS)}) one of these models each: {', '.join(MODELS)}",
    "confidence_level": "a number above 0 and below 1",
    "baseline_days": f"a whole number from 1 to {MAX_BASELINE_DAYS}, or null for all days",
    "timezone": "an IANA time zone such as America/Los_Angeles, or null for that of the project's place",
    "weather_station": "the id of a weather station, or null",
    "ignore_disqualification": "true or false",
    "cvrmse_threshold": "a number above 0 and at most 1000; 1 is 100 %",
    "disqualify": f"a list of some of the clauses {', '.join(CLAUSES)}",
    "net_metering_changed": "a date such as 2024-06-30, or null",
    "ev_charging_installed": "a date such as 2024-06-30, or null",
    "seed": f"a whole number from 0 to {MAX_SEED}",
    "robust": "true or false",
    "as_of": "a time with its offset such as 2026-05-01T12:00:00Z, since the history of readings began, or null",
    "reuse": "true or false",
}


def parse_settings(raw: Mapping[str, Any] | None, project: Mapping[str, str] | None = None) -> MeterSettings:
    """The settings of a run from its meter_settings, None meaning the defaults. Of those that are also attributes of a
    project (OF_PROJECT), what is null or not given is the project's, as text. Raises InvalidSettings with every key
    that is unknown or has a value that is not allowed."""
    given = {key: value for key, value in (raw or {}).items() if not (key in OF_PROJECT and value is None)}
    given = {**(project or {}), **given}
    messages = [message for key, value in given.items() if (message := refusal(key, value))]
    if messages:
        raise InvalidSettings(messages)
    return msgspec.convert(given, MeterSettings)


def refusal(key: str, value: object) -> str:
    """What is wrong with a key or its value; empty if nothing is."""
    if key not in ALLOWED:
        return f"{key}: {value!r} is not allowed, for there is no such setting; there are {', '.join(ALLOWED)}."
    try:
        settings = msgspec.convert({key: value}, MeterSettings)
    except msgspec.ValidationError:
        pass
    else:
        # ZoneInfo itself is no test: it raises five kinds of errors, one for directories
        if settings.timezone in timezones():
            return ""
    return f"{key}: {value!r} is not allowed; give {ALLOWED[key]}."


@cache
def timezones() -> set[str]:
    """The names in the IANA database of this machine."""
    return available_timezones()
