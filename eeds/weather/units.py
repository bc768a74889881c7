"""Degrees: which temperatures can be, and Celsius in Fahrenheit, in which temperatures are stored."""

from typing import TypeVar

from eeds.weather.gaps import Series

Degrees = TypeVar("Degrees", float, Series)


def fahrenheit(celsius: Degrees) -> Degrees:
    """The same temperatures in degF."""
    return celsius * 9 / 5 + 32


COLDEST_C, HOTTEST_C = -70.0, 60.0  # nothing beyond was ever measured where people live
COLDEST_F, HOTTEST_F = fahrenheit(COLDEST_C), fahrenheit(HOTTEST_C)
