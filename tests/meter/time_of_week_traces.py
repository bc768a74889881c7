"""A year of hours each that the library's HourlyCaltrackModel was fitted to; tools/record_time_of_week.py wrote what it
predicts for hours 3 degrees warmer into time_of_week_expected.json, for a fit takes it 80 seconds."""

from collections.abc import Iterator
from dataclasses import replace

from drawn_buildings import hourly

from eeds.meter.series import Series

WARMER = 3.0
EVERY = 97  # hour whose prediction is written
SAMPLE = "il-electricity-cdd-hdd-hourly"
HOURS = 8760


def traces() -> Iterator[tuple[str, str, Series]]:
    """Name, time zone and hours of each: a building, one with days missing, the library's sample."""
    yield "typical", "America/New_York", hourly(4, "typical", "America/New_York")
    yield "gaps", "America/New_York", hourly(5, "gaps", "America/New_York")
    yield SAMPLE, "America/Chicago", sample()


def sample() -> Series:
    """The first year of the sample."""
    from opendsm.eemeter.samples import load_sample

    meter, temperature, _ = load_sample(SAMPLE)
    rows = meter["value"].to_frame("energy").join(temperature.to_frame("temperature")).iloc[:HOURS]
    start = rows.index.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")
    dates = rows.index.tz_convert("America/Chicago").tz_localize(None).to_numpy().astype("datetime64[D]")
    return Series(start, dates, rows["energy"].to_numpy(), rows["temperature"].to_numpy())


def warmer(series: Series) -> Series:
    """The same hours in other weather."""
    return replace(series, temperature=series.temperature + WARMER)
