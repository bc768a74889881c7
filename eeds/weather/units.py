"""Degrees: which temperatures can be, and Celsius in Fahrenheit, in which temperatures are stored."""

from eeds.weather.gaps import Series

COLDEST_C, HOTTEST_C = -70.0, 60.0  # nothing beyond was ever measured where people live


def fahrenheit(celsius: Series) -> Series:
    """The same temperatures in degF."""
    return celsius * 9 / 5 + 32
