"""What the library requires of data, by model. Its settings objects have it, but importing them takes seconds and 400
MB, which the web process does not have: tools/build_limits.py writes a file of them, and a test compares."""

from functools import cache
from pathlib import Path

import msgspec

FILE = Path(__file__).parent / "data" / "limits.json"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What is required of the days, bills or hours of a baseline; shares are from 0 to 1."""

    min_days: int
    max_days: int
    temperature: float
    energy: float
    both: float
    monthly_temperature: float
    monthly_energy: float | None  # None = nothing
    consecutive_hours: int | None  # without a temperature
    rmse_over_iqr: float  # of a fit, the most; of the interquartile range of what is measured


class BillLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What is required of a bill: days, and the share of them with a temperature."""

    shortest: int
    longest: int
    temperature: float


class AllLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in the file."""

    models: dict[str, Limits]
    bills: BillLimits


@cache
def all_limits() -> AllLimits:
    """As they were when the file was built."""
    return msgspec.json.decode(FILE.read_bytes(), type=AllLimits)


def limits_of(model: str) -> Limits:
    """Of daily, billing or hourly."""
    return all_limits().models[model]
