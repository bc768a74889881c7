"""The models of the library, opendsm's eemeter: nothing outside this package imports it. Importing it takes seconds."""

from eeds.meter.models.billing import BillingModel, fit_billing
from eeds.meter.models.daily import DailyModel, fit_daily
from eeds.meter.models.hourly import HourlyModel, fit_hourly
from eeds.meter.models.library import NotFitted, library_version
from eeds.meter.models.limits import library_limits
from eeds.meter.models.warm_up import warm_up

__all__ = [
    "BillingModel",
    "DailyModel",
    "HourlyModel",
    "NotFitted",
    "fit_billing",
    "fit_daily",
    "fit_hourly",
    "library_limits",
    "library_version",
    "warm_up",
]
