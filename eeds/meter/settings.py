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
    """How to compute; the defaults are those of CalTRACK 2. The descriptions are those of the API and of forms."""

    model: Annotated[
        Model,
        Meta(
            description="auto chooses for each period by the spacing of its readings what errs least, caltrack among "
            "CalTRACK's methods for days and for bills"
        ),
    ] = "auto"
    models: Annotated[dict[Fuel, Model], Meta(description="other models for the traces of some fuels")] = {}
    confidence_level: Annotated[float, Meta(gt=0, lt=1, description="of every upper and lower in the result")] = 0.95
    baseline_days: Annotated[
        Annotated[int, Meta(ge=1, le=MAX_BASELINE_DAYS)] | None,
        Meta(description="only the last so many days of the baseline period are fitted; null: all of them"),
    ] = 365
    timezone: Annotated[
        str,
        Meta(description="IANA name; days begin and end at its midnights; null: that of the project's place"),
    ] = UTC
    weather_station: Annotated[
        Annotated[str, Meta(pattern=r"\S")] | None,
        Meta(description="for this run only; null: that of the project, or the nearest that is good enough"),
    ] = None
    ignore_disqualification: Annotated[
        bool, Meta(description="fit and predict although the data are insufficient or the fit is poor")
    ] = False
    cvrmse_threshold: Annotated[
        float, Meta(gt=0, le=1000, description="a fit whose CVRMSE is larger is refused (CalTRACK 4.3.2.1)")
    ] = 1.0
    disqualify: Annotated[
        tuple[Clause, ...], Meta(description="what else there is no model for, by the clauses of CalTRACK")
    ] = ()
    net_metering_changed: Annotated[
        date | None,
        Meta(
            description="when panels or another generator came or went behind the meter (CalTRACK 2.2.6); null: the "
            "project's attribute of that name"
        ),
    ] = None
    ev_charging_installed: Annotated[
        date | None,
        Meta(
            description="when a charger of electric vehicles came (CalTRACK 2.2.7); null: the project's attribute of "
            "that name"
        ),
    ] = None
    seed: Annotated[
        int, Meta(ge=0, le=MAX_SEED, description="of the random numbers in the hourly model; the others use none")
    ] = 0
    robust: Annotated[bool, Meta(description="a fit that rounding moves less, at ten times the work")] = False
    as_of: Annotated[
        Annotated[datetime, Meta(tz=True)] | None,
        Meta(description="the readings as they were stored at this time; null: those of now"),
    ] = None
    reuse: Annotated[bool, Meta(description="take the stored result of a run with the same input")] = True

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
