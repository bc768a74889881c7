"""What a result was computed from and with: the same input and versions give the same result."""

import hashlib
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from eeds.meter.arrays import Instants, Numbers
from eeds.meter.days import local_days
from eeds.meter.models.engine import engine
from eeds.meter.settings import MeterSettings
from eeds.meter.types import Periods, Trace, Weather

# The library, and what it computes with.
PACKAGES = (
    "opendsm",
    "fdasrsf",
    "highspy",
    "llvmlite",
    "nlopt",
    "numba",
    "numpy",
    "pandas",
    "pywavelets",
    "qpsolvers",
    "scikit-fda",
    "scikit-learn",
    "scipy",
    "statsmodels",
)
METER = Path(__file__).parent
CPUINFO = Path("/proc/cpuinfo")


def provenance(traces: Sequence[Trace], weather: Weather, periods: Periods, settings: MeterSettings) -> dict[str, Any]:
    """Versions, the hash of the input, the weather's origin, the settings, and what computed, in types that JSON has.

    The last bits of a figure may differ from machine to machine: the rounding of exp and pow is that of its libc, the
    order of additions in linear algebra that of its CPU.
    """
    return {
        "versions": versions(),
        "input_sha256": input_hash(traces, weather, periods, settings),
        "station": weather.station,
        "source": weather.source,
        "normal_kind": weather.normal_kind,
        "settings": msgspec.json.decode(msgspec.json.encode(settings)),
        "engine": engine(),
        "machine": machine(),
    }


@cache
def versions() -> dict[str, str]:
    """Of everything that a figure may depend on besides the input; `meter` is the hash of our own part of it."""
    return {"python": platform.python_version(), "meter": sources_hash()} | {name: version(name) for name in PACKAGES}


@cache
def machine() -> dict[str, str]:
    """The CPU and the C library that compute."""
    return {"cpu": cpu(CPUINFO.read_text() if CPUINFO.exists() else ""), "libc": "-".join(platform.libc_ver())}


def cpu(cpuinfo: str) -> str:
    """The name of the CPU in Linux' cpuinfo; where there is none, that of its kind."""
    names = [line.partition(":")[2].strip() for line in cpuinfo.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def sources_hash() -> str:
    """sha256 of the files of this package, but what was compiled, so that no change of a formula can be forgotten."""
    digest = hashlib.sha256()
    for file in sorted(METER.rglob("*")):
        if file.is_file() and file.suffix != ".pyc" and "__pycache__" not in file.parts:
            content = file.read_bytes()
            digest.update(f"{file.relative_to(METER).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def input_hash(
    traces: Sequence[Trace], weather: Weather, periods: Periods, settings: MeterSettings | Mapping[str, Any]
) -> str:
    """sha256 of all that compute() takes, but for `reuse`, which changes no figure. Needs no library, and is made to be
    looked up before a run. The settings may be those of a result's provenance: earlier releases had fewer."""
    return hash_of(input_parts(traces, weather, periods, settings)).hex()


def hash_of(parts: Iterable[bytes]) -> bytes:
    """sha256 of some parts, each with its length."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


def input_parts(
    traces: Sequence[Trace], weather: Weather, periods: Periods, settings: MeterSettings | Mapping[str, Any]
) -> Iterator[bytes]:
    """The input as bytes, piece by piece."""
    values = {**msgspec.to_builtins(settings), "reuse": True}
    timezone = values["timezone"]
    yield msgspec.json.encode(values, order="sorted")
    yield msgspec.json.encode(periods)
    yield weather.once(("sha256", timezone), lambda: weather_hash(weather, timezone))
    for trace in traces:
        yield msgspec.json.encode([trace.id, trace.interpretation, trace.unit])
        yield instants(trace.start)
        yield numbers(trace.value)
        yield trace.estimated.astype("?").tobytes()


def weather_hash(weather: Weather, timezone: str) -> bytes:
    """sha256 of the weather and of its local days."""
    return hash_of(
        (
            msgspec.json.encode([weather.station, weather.source, weather.normal_kind]),
            instants(np.array([weather.first_hour])),
            numbers(weather.observed),
            numbers(weather.normal),
            instants(midnights(weather, timezone)),
        )
    )


def midnights(weather: Weather, timezone: str) -> Instants:
    """When the local days of the temperatures begin: the name of a time zone is not enough, for its rules come with the
    machine."""
    last = weather.first_hour + np.timedelta64(len(weather.observed), "h")
    first_day, last_day = (date.fromisoformat(str(hour.astype("datetime64[D]"))) for hour in (weather.first_hour, last))
    return local_days(first_day, last_day, timezone).midnights


def instants(values: Instants) -> bytes:
    """Seconds since 1970 in one unit and byte order."""
    return values.astype("datetime64[s]").astype("<i8").tobytes()


def numbers(values: Numbers) -> bytes:
    """Doubles in one byte order, every NaN with the same bits."""
    return np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes()
