"""How the pages write things: numbers, times, units and the names that tables have for them."""

import math
from datetime import datetime, timedelta
from typing import Any

from eeds.formats.units import UNIT_NAMES
from eeds.meter.names import INTERPRETATIONS
from eeds.portal.blueprint import blueprint

MISSING = "–"
PLAIN_INTERPRETATIONS = {name: name.replace("_", " ").capitalize() for name in INTERPRETATIONS.values()}
PERIODS = ((timedelta(days=2), timedelta(days=1), "days"), (timedelta(hours=2), timedelta(hours=1), "hours"))


def number(value: float | None, digits: int = 0) -> str:
    """1,234"""
    return MISSING if value is None or not math.isfinite(value) else f"{round(value, digits) + 0.0:,.{digits}f}"


def percent(value: float | None) -> str:
    """12.3 %"""
    return MISSING if value is None else f"{value:z.1%}".replace("%", " %")


def bounds(savings: dict[str, Any]) -> str:
    """1,100 to 1,350: what lies between the distances `lower` and `upper` of a value."""
    value, upper, lower = (savings[name] for name in ("value", "upper", "lower"))
    if upper is None or lower is None:
        return MISSING
    return f"{number(value - lower)} to {number(value + upper)}"


def day(time: datetime | None) -> str:
    """2014-01-31, UTC"""
    return f"{time:%Y-%m-%d}" if time else MISSING


def instant(time: datetime | None) -> str:
    """2014-01-31 17:05, UTC"""
    return f"{time:%Y-%m-%d %H:%M}" if time else MISSING


def duration(seconds: float | None) -> str:
    """35 s, 12 min, 5 hours, 3 days"""
    if seconds is None:
        return MISSING
    for least, length, name in PERIODS:
        if seconds >= least.total_seconds():
            return f"{seconds / length.total_seconds():.0f} {name}"
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def plain(interpretation: str) -> str:
    """Electricity consumption supplied, from a trace's short code or from the name that results have for it."""
    name = INTERPRETATIONS.get(interpretation, interpretation)
    return PLAIN_INTERPRETATIONS.get(name, name.replace("_", " ").capitalize())


def unit(code: str) -> str:
    """kWh, therms"""
    return UNIT_NAMES.get(code, code)


for filter in (number, percent, bounds, day, instant, duration, plain, unit):
    blueprint.add_app_template_filter(filter)
