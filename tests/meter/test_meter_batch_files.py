"""Rows in Parquet come back as they were, to the last bit, or not at all; a run's hours are cut from its station's."""

import json
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from meter_buildings import RUN_TRACES, WEATHER, contents, periods

from eeds.meter import batch_files
from eeds.meter.batch_files import PART, BatchFileError, RowWriter, read_rows
from eeds.meter.batch_rows import Hours, ProjectInput, ProjectOutcome, StationWeather
from eeds.meter.provenance import input_hash, numbers, versions
from eeds.meter.settings import MeterSettings
from eeds.meter.spread import Spread
from eeds.meter.types import MeterResult, MonthSavings, Savings, Trace, TraceSavings

VALUES = st.floats()
WHOLE = st.integers(-(2**63), 2**63 - 1)
SPREADS = st.builds(Spread, VALUES, VALUES, VALUES, VALUES, st.lists(VALUES, max_size=3).map(tuple))
SAVINGS = st.none() | st.builds(Savings, VALUES, VALUES, VALUES, WHOLE, VALUES, st.none() | SPREADS)
MONTHS = st.builds(MonthSavings, st.dates(), *[VALUES] * 3, WHOLE, VALUES, SPREADS, VALUES, VALUES, SPREADS)
ROWS = st.builds(TraceSavings, WHOLE, SAVINGS, SAVINGS, st.lists(MONTHS, max_size=2).map(tuple), st.text())


def written(folder: Path, *rows: Any) -> Path:
    """A file of rows."""
    file = folder / "rows.parquet"
    with RowWriter(file, type(rows[0])) as writer:
        for row in rows:
            writer.write(row)
    return file


@given(rows=st.lists(ROWS, min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_whatever_it_is(tmp_path: Path, rows: list[TraceSavings]) -> None:
    """NaN and infinities, nothing where there is nothing, texts of any kind."""
    assert list(map(repr, read_rows(written(tmp_path, *rows), TraceSavings, "file"))) == list(map(repr, rows))


@dataclass(frozen=True)
class OneTrace:
    """A row with arrays."""

    trace: Trace


@given(
    value=arrays.arrays(np.float64, st.integers(0, 50), elements=st.floats()),
    first=st.integers(-(10**10), 10**10),
    step=st.integers(1, 10**7),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_arrays(tmp_path: Path, value: Any, first: int, step: int) -> None:
    start = (first + step * np.arange(value.size)).astype("datetime64[s]")
    trace = Trace(7, "E_C_S", "KWH", start, value, value > 0)
    (row,) = read_rows(written(tmp_path, OneTrace(trace)), OneTrace, "file")
    for name in ("start", "value", "estimated"):
        ours, theirs = getattr(trace, name), getattr(row.trace, name)
        assert (ours.dtype, ours.tobytes()) == (theirs.dtype, theirs.tobytes())


def test_the_input_of_a_project_and_its_result(tmp_path: Path, result: MeterResult) -> None:
    """The input has the hash that it had."""
    used, asked = periods(), MeterSettings(model="daily", models={"gas": "billing"}, net_metering_changed=None)
    sha256 = input_hash(RUN_TRACES, WEATHER, used, asked)
    row = ProjectInput(
        project=1,
        name="ABC",
        input_sha256=sha256,
        meter_class="EnergyEfficiencyMeter",
        meter_settings=None,
        settings={"model": "daily", "models": {"gas": "billing"}},
        periods=used,
        traces=tuple(RUN_TRACES),
        weather_file="x",
        hours=Hours.of(WEATHER),
        origin={"weather": {"km": np.float64(1.5), "station": None}},
    )
    (read,) = read_rows(written(tmp_path, row), ProjectInput, "file")
    weather = StationWeather.of(WEATHER).within(read.hours)
    assert input_hash(read.traces, weather, read.periods, asked) == sha256
    assert replace(read, traces=()) == replace(row, traces=())
    outcome = ProjectOutcome(1, "ABC", sha256, "EnergyEfficiencyMeter", {}, versions(), None, result)
    (found,) = read_rows(written(tmp_path, outcome), ProjectOutcome, "file")
    assert found.result is not None
    one, other = (json.loads(contents(each), parse_int=float) for each in (found.result, result))
    assert json.dumps(one) == json.dumps(other)


@given(first=st.integers(-30, 60), count=st.integers(0, 60), stored=st.integers(0, 40))
def test_hours_of_a_run(first: int, count: int, stored: int) -> None:
    """What is not stored is missing, on either side."""
    begin = datetime(2013, 1, 1, tzinfo=UTC)
    all_hours = StationWeather("roof", begin, np.arange(stored, dtype=np.float64), WEATHER.normal, "TMY3")
    hours = Hours(begin + timedelta(hours=first), count, "upload")
    weather = all_hours.within(hours)
    expected = [float(i) if 0 <= i < stored else math.nan for i in range(first, first + count)]
    assert numbers(weather.observed) == numbers(np.array(expected))
    assert (Hours.of(weather), weather.source, weather.normal_kind) == (hours, "upload", "TMY3")


def test_rows_are_written_and_read_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_files, "ELEMENTS_AT_ONCE", 1000)
    row = OneTrace(RUN_TRACES[0])
    file = written(tmp_path, *[row] * 5)
    assert batch_files.pq.read_metadata(file).num_row_groups > 1
    assert len(list(read_rows(file, OneTrace, "file"))) == 5


def test_a_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    file = written(tmp_path, OneTrace(RUN_TRACES[0]))
    before = file.read_bytes()

    def break_off() -> None:
        with RowWriter(file, OneTrace) as writer:
            assert any(PART in path.name for path in tmp_path.iterdir())
            writer.write(OneTrace(RUN_TRACES[1]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert file.read_bytes() == before


def test_no_broken_file_gives_other_rows(tmp_path: Path) -> None:
    """A bit that is wrong, wherever it is, is noticed, or changes nothing."""
    whole = RUN_TRACES[0]
    row = OneTrace(replace(whole, start=whole.start[:20], value=whole.value[:20], estimated=whole.estimated[:20]))
    file = written(tmp_path, row)
    content, messages = file.read_bytes(), []
    for place in range(0, len(content), 5):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        try:
            (read,) = read_rows(file, OneTrace, "file")
        except BatchFileError as error:
            messages.append(str(error))
        else:
            assert repr(batch_files.plain(read)) == repr(batch_files.plain(row))
    assert len(messages) > len(content) / 5 / 3
    assert all(message.startswith(str(file)) for message in messages)
