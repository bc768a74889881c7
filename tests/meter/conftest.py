"""Runs of the meter that many tests look at: a fit takes seconds."""

import pytest
from meter_buildings import FEW_PERIODS, FEW_TRACE, RUN_TRACES, SHORT_PERIODS, SHORT_TRACES, WEATHER, periods

from eeds.meter.compute import compute
from eeds.meter.settings import MeterSettings
from eeds.meter.types import MeterResult


@pytest.fixture(scope="session")
def result() -> MeterResult:
    """A project with electricity and gas that can be modelled in both periods, and everything that cannot."""
    return compute(RUN_TRACES, WEATHER, periods(), MeterSettings(model="daily"))


@pytest.fixture(scope="session")
def short_result() -> MeterResult:
    """The other interpretations in California, in local days, with three months of reporting."""
    return compute(SHORT_TRACES, WEATHER, SHORT_PERIODS, MeterSettings(timezone="America/Los_Angeles"))


@pytest.fixture(scope="session")
def few_settings() -> MeterSettings:
    """What makes the meter model too few days."""
    return MeterSettings(ignore_disqualification=True, baseline_days=50, confidence_level=0.8)


@pytest.fixture(scope="session")
def few_result(few_settings: MeterSettings) -> MeterResult:
    """A project with too few days, modelled all the same."""
    return compute([FEW_TRACE], WEATHER, FEW_PERIODS, few_settings)
