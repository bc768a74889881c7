"""Builds eeds/meter/data/limits.json: what the installed opendsm requires of data.

python tools/build_limits.py
"""

from typing import Any

import msgspec
from opendsm import eemeter  # type: ignore[import-untyped]
from opendsm.eemeter.common import data_settings  # type: ignore[import-untyped]

from eeds.meter.limits import FILE, AllLimits, BillLimits, Limits
from eeds.meter.settings import BILLING, DAILY, HOURLY


def library_limits() -> AllLimits:
    """The requirements of all models, and of bills."""
    billing = data_settings.BillingDataSufficiencySettings()
    return AllLimits(
        models={
            DAILY: limits(data_settings.DailyDataSufficiencySettings(), eemeter.DailyModel()),
            BILLING: limits(billing, eemeter.BillingModel()),
            HOURLY: limits(data_settings.HourlyDataSufficiencySettings(), eemeter.HourlyModel(), hourly=True),
        },
        bills=BillLimits(
            shortest=billing.min_days_in_period,
            longest=billing.max_days_in_bimonthly_period,
            temperature=billing.temperature.min_pct_period_coverage,
        ),
    )


def limits(settings: Any, model: Any, *, hourly: bool = False) -> Limits:
    """The requirements of one model; only the hourly one looks at months of readings and at hours in a row."""
    return Limits(
        min_days=int(settings.min_baseline_length),
        max_days=int(settings.max_baseline_length),
        temperature=settings.temperature.min_pct_daily_coverage,
        energy=settings.observed.min_pct_daily_coverage,
        both=settings.joint.min_pct_daily_coverage,
        monthly_temperature=settings.temperature.min_pct_monthly_coverage,
        monthly_energy=settings.observed.min_pct_monthly_coverage if hourly else None,
        consecutive_hours=settings.temperature.max_consecutive_hours_missing if hourly else None,
        rmse_over_iqr=model.settings.pnrmse_threshold,
    )


def main() -> None:
    """Write it."""
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(library_limits())) + b"\n")


if __name__ == "__main__":
    main()
