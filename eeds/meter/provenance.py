"""What a result was computed from and with: the same input and versions give the same result."""

import hashlib
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from eeds.meter.settings import MeterSettings
from eeds.meter.types import Periods, Trace, Weather

PACKAGES = ("opendsm", "numpy", "pandas", "scipy", "numba")


def provenance(traces: Sequence[Trace], weather: Weather, periods: Periods, settings: MeterSettings) -> dict[str, Any]:
    """Versions, the hash of the input, the weather's origin and the settings, in types that JSON has."""
    return {
        "versions": versions(),
        "input_sha256": input_hash(traces, weather, periods, settings),
        "station": weather.station,
        "source": weather.source,
        "normal_kind": weather.normal_kind,
        "settings": msgspec.to_builtins(settings),
    }


def versions() -> dict[str, str]:
    """Of everything that a figure may depend on."""
    return {"python": platform.python_version()} | {package: version(package) for package in PACKAGES}


def input_hash(traces: Sequence[Trace], weather: Weather, periods: Periods, settings: MeterSettings) -> str:
    """sha256 of all that compute() takes, but for `reuse`, which changes no figure. Needs no library, and is made to be
    looked up before a run."""
    digest = hashlib.sha256()
    for part in parts(traces, weather, periods, settings):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def parts(traces: Sequence[Trace], weather: Weather, periods: Periods, settings: MeterSettings) -> Iterator[bytes]:
    """The input as bytes, piece by piece."""
    yield msgspec.json.encode(msgspec.structs.replace(settings, reuse=True), order="sorted")
    yield msgspec.json.encode(periods)
    yield msgspec.json.encode([weather.station, weather.source, weather.normal_kind])
    yield instants(np.array([weather.first_hour]))
    yield numbers(weather.observed)
    yield numbers(weather.normal)
    for trace in traces:
        yield msgspec.json.encode([trace.id, trace.interpretation, trace.unit])
        yield instants(trace.start)
        yield numbers(trace.value)
        yield trace.estimated.astype("?").tobytes()


def instants(values: NDArray[np.datetime64]) -> bytes:
    """Seconds since 1970, whatever the unit and byte order they came in."""
    return values.astype("datetime64[s]").astype("<i8").tobytes()


def numbers(values: NDArray[np.float64]) -> bytes:
    """Doubles in one byte order, every NaN with the same bits."""
    return np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes()
