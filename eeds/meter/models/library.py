"""What the models have in common, and those of the library: the form of its data, and what it does when it fails."""

import logging
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from pytz.exceptions import InvalidTimeError  # type: ignore[import-untyped]

from eeds.meter.arrays import Dates, Numbers
from eeds.meter.series import FitFacts, Series
from eeds.meter.settings import MeterSettings

log = logging.getLogger("eeds.meter")

# The library logs what it finds wrong with its data; the status of a trace says that.
logging.getLogger("eemeter").setLevel(logging.ERROR)

# The library has no exception of its own for days it cannot fit. Those known are found in eeds.meter.sufficiency
# before; these are what the others looked like, as TypeError for a year of nothing but working days.
LIBRARY_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    InvalidTimeError,  # of pandas, for a local time that clocks leave out or have twice
)
MOST_WORDS = 200  # characters of an error of the library in the status of a trace


class NotFitted(Exception):
    """There is no model of these days; the text is the status of the trace, for the person who requested the run."""


@dataclass(frozen=True)
class FittedModel(ABC):
    """A fitted model."""

    # whether a fit is found by solving equations, so that rounding moves it by no more than rounding: there is nothing
    # for a robust fit to find
    closed_form: ClassVar[bool] = False
    # of the standard that a model follows, if it follows one
    clauses: ClassVar[str] = ""

    fitted: Any
    timezone: str

    @classmethod
    @abstractmethod
    def fit(cls, series: Series, settings: MeterSettings, facts: FitFacts) -> Self:
        """Fit a model to a series that has passed eeds.meter.sufficiency; raises NotFitted."""

    @abstractmethod
    def predict(self, series: Series) -> Numbers:
        """Energy of the consecutive days, or hours of whole local days, in the unit of the fit; NaN where the
        temperature is."""

    @classmethod
    def restore(cls, model_json: str, settings: MeterSettings) -> Self | None:
        """The model that to_json wrote; None of a kind that is fitted as fast as that is read."""
        return None

    @property
    @abstractmethod
    def parameters(self) -> int:
        """How many numbers were fitted; of the hourly models those of all 24 hours."""

    @abstractmethod
    def to_json(self) -> str:
        """The model as JSON."""


@dataclass(frozen=True)
class LibraryModel(FittedModel):
    """A fitted model of the library."""

    @classmethod
    def fit(cls, series: Series, settings: MeterSettings, facts: FitFacts) -> Self:
        """Fit the library's model, which finds out from the readings whether there is cooling. Its own check of
        sufficiency is passed over: it counts the last day as missing."""
        with quiet():
            fitted = cls.fit_library(series, settings, facts.is_electricity)
        return cls(fitted, settings.timezone)

    @classmethod
    @abstractmethod
    def fit_library(cls, series: Series, settings: MeterSettings, is_electricity: bool) -> Any:
        """The library's model, fitted to a series."""

    @property
    def parameters(self) -> int:
        """As the library counts them."""
        return int(self.fitted.baseline_metrics.num_model_params)

    def to_json(self) -> str:
        """The model as the library writes it, with figures that may not be defined for predictions that are all the
        same."""
        with quiet():
            return str(self.fitted.to_json())


@contextmanager
def computing(failure: str) -> Iterator[None]:
    """A model at work: quiet, and NotFitted with the error's own words where that fails; `failure`: which model could
    not do what."""
    try:
        with quiet():
            yield
    except LIBRARY_FAILURES as error:
        log.exception("%s", failure)
        words = " ".join(str(error).split())[:MOST_WORDS]
        raise NotFitted(
            f"NOT FITTED: {failure} ({type(error).__name__}: {words}). "
            "Have another model or period, and show the worker's log to those who run eeds."
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings of numerical code that tries its way to a minimum."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def drops_zeros(energy: Numbers, is_electricity: bool) -> bool:
    """What to tell the library's data classes as is_electricity_data. They take every zero of electricity for missing;
    those that are still there are readings (eeds.meter.zeros). Nothing else hangs on it but their verdict on negative
    values, which is passed over."""
    return is_electricity and not np.any(energy == 0)


def frame(dates: Dates, **columns: Numbers) -> pd.DataFrame:
    """Local days in the library's form. They are labelled as if they were UTC's: it asks a day only for its season and
    weekday, and this calendar has no days of 23 hours and none without a midnight, which it cannot handle. So the
    warning `eemeter.data_quality.utc_index`, which it attaches to these days, says nothing of them; where the days are
    UTC's indeed, eeds.meter.flags says so."""
    return pd.DataFrame(columns, index=pd.DatetimeIndex(dates.astype("datetime64[ns]")).tz_localize("UTC"))


def library_version() -> str:
    """The version of opendsm."""
    return version("opendsm")
