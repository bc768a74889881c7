"""meter_settings: what may be said, and what is said of the rest."""

import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from eeds.meter.settings import InvalidSettings, MeterSettings, parse_settings


@pytest.mark.parametrize("raw", [None, {}])
def test_defaults(raw: dict[str, Any] | None) -> None:
    settings = parse_settings(raw)
    assert settings == MeterSettings(
        model="auto",
        confidence_level=0.95,
        baseline_days=365,
        timezone="UTC",
        weather_station=None,
        ignore_disqualification=False,
        cvrmse_threshold=1.0,
        reuse=True,
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", "daily"),
        ("model", "caltrack"),
        ("model", "caltrack_hourly"),
        ("models", {}),
        ("models", {"electricity": "hourly", "gas": "caltrack"}),
        ("confidence_level", 0.8),
        ("baseline_days", None),
        ("baseline_days", 730),
        ("timezone", "America/Los_Angeles"),
        ("weather_station", "725460"),
        ("ignore_disqualification", True),
        ("cvrmse_threshold", 0.25),
        ("robust", True),
        ("reuse", False),
        ("disqualify", ("2.2.6", "2.2.4.1")),
    ],
)
def test_what_is_given_is_taken(key: str, value: object) -> None:
    assert getattr(parse_settings({key: value}), key) == value


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("model", "weekly", "auto, caltrack, daily, billing, hourly, caltrack_hourly"),
        ("seed", -1, "a whole number from 0 to 4294967295"),
        ("model", ["daily"], "auto, caltrack"),
        ("model", None, "auto, caltrack"),
        ("models", {"wood": "daily"}, "electricity, gas, fuel_oil, propane, steam, chilled_water"),
        ("models", {"gas": "weekly"}, "one of these models each: auto, caltrack"),
        ("models", {"gas": None}, "one of these models each: auto, caltrack"),
        ("models", ["gas"], "an object that gives some fuels"),
        ("models", None, "an object that gives some fuels"),
        ("confidence_level", 0, "above 0 and below 1"),
        ("confidence_level", 1, "above 0 and below 1"),
        ("confidence_level", True, "above 0 and below 1"),
        ("confidence_level", "0.95", "above 0 and below 1"),
        ("confidence_level", float("nan"), "above 0 and below 1"),
        ("baseline_days", 0, "whole number from 1"),
        ("baseline_days", 365.0, "whole number from 1"),
        ("baseline_days", True, "whole number from 1"),
        ("baseline_days", 10**9, "whole number from 1"),
        ("timezone", "Mars/Olympus", "IANA"),
        ("timezone", "America", "IANA"),  # a directory of the database
        ("timezone", "../etc/passwd", "IANA"),
        ("timezone", "", "IANA"),
        ("timezone", {}, "IANA"),
        ("weather_station", " ", "weather station"),
        ("weather_station", 725460, "weather station"),
        ("ignore_disqualification", "yes", "true or false"),
        ("ignore_disqualification", None, "true or false"),
        ("cvrmse_threshold", 0, "above 0"),
        ("cvrmse_threshold", None, "above 0"),
        ("cvrmse_threshold", float("nan"), "above 0"),
        ("cvrmse_threshold", float("inf"), "at most 1000"),
        ("robust", "yes", "true or false"),
        ("disqualify", ["2.2"], "2.2.1.4"),
        ("disqualify", "2.2.6", "a list of some of the clauses"),
        ("net_metering_changed", "last year", "a date such as"),
        ("ev_charging_installed", 2014, "a date such as"),
        ("reuse", 1, "true or false"),
        ("seeds", 1, "there are model, models, confidence_level, baseline_days, timezone, weather_station"),
    ],
)
def test_what_is_not_allowed_is_named_with_its_value_and_what_is(key: str, value: object, allowed: str) -> None:
    with pytest.raises(InvalidSettings) as refusal:
        parse_settings({key: value})
    (message,) = refusal.value.messages
    assert message.startswith(f"{key}: {value!r} is not allowed")
    assert allowed in message


@pytest.mark.parametrize("raw", [None, {}, {"timezone": None}])
def test_what_is_left_out_is_the_projects(raw: dict[str, Any] | None) -> None:
    own = {"timezone": "America/Chicago", "ev_charging_installed": "2014-06-30"}
    found = parse_settings(raw, own)
    assert (found.timezone, found.ev_charging_installed) == ("America/Chicago", date(2014, 6, 30))
    assert parse_settings({"timezone": "UTC"}, own).timezone == "UTC"


def test_what_a_project_may_not_have_is_named() -> None:
    with pytest.raises(InvalidSettings, match="ev_charging_installed: 'in June' is not allowed; give a date"):
        parse_settings({}, {"ev_charging_installed": "in June"})


def test_every_fault_is_named() -> None:
    with pytest.raises(InvalidSettings) as refusal:
        parse_settings({"model": "best", "reuse": False, "colour": "green", "timezone": 1})
    assert [message.partition(":")[0] for message in refusal.value.messages] == ["model", "colour", "timezone"]


def test_settings_come_without_the_weight_of_the_meter() -> None:
    code = "import sys, eeds.meter.settings; print(sorted({'opendsm', 'pandas', 'numpy', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_each_fuel_has_the_model_given_for_it_or_that_of_all() -> None:
    settings = parse_settings({"model": "daily", "models": {"gas": "caltrack"}})
    assert [settings.model_for(fuel) for fuel in ("gas", "electricity")] == ["caltrack", "daily"]
