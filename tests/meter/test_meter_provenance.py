"""Provenance: what a result came from, and a hash that changes with every part of the input."""

import json
import platform
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from meter_buildings import RUN_TRACES, WEATHER, periods

from eeds.meter.models.engine import engine
from eeds.meter.models.library import library_version
from eeds.meter.provenance import METER, cpu, input_hash, provenance, sources_hash, versions
from eeds.meter.settings import MeterSettings
from eeds.meter.types import MeterResult, Periods, Trace, Weather

Input = tuple[list[Trace], Weather, Periods, MeterSettings]
INPUT: Input = (RUN_TRACES[:2], WEATHER, periods(), MeterSettings())


def test_a_result_says_what_it_came_from(result: MeterResult) -> None:
    found = json.loads(json.dumps(result.provenance))
    assert found == result.provenance
    assert found["versions"]["opendsm"] == library_version() == result.eemeter_version
    assert {"python", "numpy", "pandas", "scipy", "numba"} < set(found["versions"])
    assert found["engine"] == engine()
    assert found["machine"]["cpu"]
    assert (found["station"], found["source"], found["normal_kind"]) == ("725460", "synthetic", "TMY3")
    assert found["settings"] == {**msgspec.to_builtins(MeterSettings(model="daily")), "disqualify": []}
    assert found["input_sha256"] == input_hash(RUN_TRACES, WEATHER, periods(), MeterSettings(model="daily"))


def test_the_cpu_has_a_name() -> None:
    linux = "processor\t: 0\nmodel name\t: Fast(R) CPU: 9000\nflags\t\t: fpu\n\nmodel name\t: Other\n"
    assert cpu(linux) == "Fast(R) CPU: 9000"
    assert cpu("") == platform.machine()


def with_trace(**changes: object) -> Callable[[Input], Input]:
    return lambda it: ([replace(it[0][0], **changes), *it[0][1:]], *it[1:])


def with_weather(**changes: object) -> Callable[[Input], Input]:
    return lambda it: (it[0], replace(it[1], **changes), *it[2:])


TRACE = RUN_TRACES[0]


@pytest.mark.parametrize(
    "change",
    [
        with_trace(id=99),
        with_trace(interpretation="E_C_T"),
        with_trace(unit="THM"),
        with_trace(start=TRACE.start + np.timedelta64(1, "s")),
        with_trace(value=np.nextafter(TRACE.value, np.inf)),
        with_trace(estimated=~TRACE.estimated),
        with_weather(station="1"),
        with_weather(source="upload"),
        with_weather(normal_kind="EPW"),
        with_weather(first_hour=WEATHER.first_hour + 1),
        with_weather(observed=WEATHER.observed[:-1]),
        with_weather(normal=WEATHER.normal[::-1]),
        lambda it: (it[0][:1], *it[1:]),
        lambda it: (it[0][::-1], *it[1:]),
        lambda it: (*it[:2], replace(it[2], baseline_end=it[2].baseline_end + timedelta(seconds=1)), it[3]),
        lambda it: (*it[:2], replace(it[2], reporting_end=it[2].baseline_end), it[3]),
        lambda it: (*it[:3], msgspec.structs.replace(it[3], confidence_level=0.9)),
        lambda it: (*it[:3], msgspec.structs.replace(it[3], timezone="Europe/Paris")),
    ],
)
def test_the_hash_changes_with_every_part_of_the_input(change: Callable[[Input], Input]) -> None:
    assert input_hash(*change(INPUT)) != input_hash(*INPUT)


def test_the_hash_is_of_what_the_figures_depend_on() -> None:
    traces, weather, dates, settings = INPUT
    other_nan = np.where(np.isnan(TRACE.value), np.copysign(np.nan, -1), TRACE.value)
    swapped = replace(traces[0], value=other_nan.astype(">f8"), start=TRACE.start.astype("datetime64[us]"))
    again = msgspec.structs.replace(settings, reuse=False)
    assert input_hash([swapped, traces[1]], weather, dates, again) == input_hash(*INPUT)
    assert provenance(traces, weather, dates, again)["settings"]["reuse"] is False


def test_our_own_part_of_the_versions_changes_with_every_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that another formula has found must not be taken for one of this."""
    copy = tmp_path / "meter"
    shutil.copytree(METER, copy)
    monkeypatch.setattr("eeds.meter.provenance.METER", copy)
    assert sources_hash() == versions()["meter"]
    for name in ("compute.py", "models/daily.py", "data/limits.json"):
        before = sources_hash()
        with (copy / name).open("a") as file:
            file.write(" ")
        assert sources_hash() != before, name
    before = sources_hash()
    (copy / "days.pyc").write_bytes(b"compiled")
    (copy / "__pycache__").mkdir(exist_ok=True)
    (copy / "__pycache__" / "sums.total.nbi").write_bytes(b"compiled")
    assert sources_hash() == before
