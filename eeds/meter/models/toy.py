"""A building to try models on."""

import numpy as np

from eeds.meter.series import Series


def toy() -> Series:
    """A year of days that heat and cool, with a few outliers."""
    dates = np.arange(np.datetime64("2015-01-01"), np.datetime64("2016-01-01"))
    day = np.arange(len(dates), dtype=np.float64)
    temperature = 60 - 30 * np.cos(day * 2 * np.pi / 365) + 5 * np.sin(day * 1.7)
    energy = 20 + np.maximum(55 - temperature, 0) + np.maximum(temperature - 70, 0) + np.sin(day * 2.3)
    return Series(dates, dates, energy + np.where(day % 61 == 0, 15.0, 0.0), temperature)
