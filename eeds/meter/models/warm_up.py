"""What a process does once, so that a fit in it, or in a process forked from it, compiles nothing."""

from dataclasses import replace

import numpy as np

from eeds.meter.models.daily import BillingModel, DailyModel
from eeds.meter.series import Series
from eeds.meter.settings import MeterSettings


def warm_up() -> None:
    """Fit toy models, so that numba has compiled what a fit needs: a process forked from this one does not pay for it
    again. Compiled code is kept on disk where NUMBA_CACHE_DIR says. The hourly model compiles nothing."""
    dates = np.arange(np.datetime64("2015-01-01"), np.datetime64("2016-01-01"))
    day = np.arange(len(dates), dtype=np.float64)
    temperature = 60 - 30 * np.cos(day * 2 * np.pi / 365) + 5 * np.sin(day * 1.7)
    energy = 20 + np.maximum(55 - temperature, 0) + np.maximum(temperature - 70, 0) + np.sin(day * 2.3)
    series, settings = Series(dates, dates, energy, temperature), MeterSettings(ignore_disqualification=True)
    DailyModel.fit(series, settings, is_electricity=True).predict(series)
    month = np.minimum(day // 30, 11).astype(np.intp)
    bills = (np.bincount(month, energy) / np.bincount(month))[month]
    BillingModel.fit(replace(series, energy=bills), settings, is_electricity=True)
