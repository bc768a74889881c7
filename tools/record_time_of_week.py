"""`python tools/record_time_of_week.py` writes tests/meter/time_of_week_expected.json: what the library's
HourlyCaltrackModel predicts for the traces of tests/meter/time_of_week_traces.py. Takes minutes."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from opendsm import eemeter

from eeds.meter.models.hourly import hour_frame
from eeds.meter.models.library import quiet
from eeds.meter.series import Series

TESTS = Path(__file__).parents[1] / "tests" / "meter"
sys.path[:0] = [str(TESTS)]

from time_of_week_traces import EVERY, traces, warmer  # noqa: E402


def reference(series: Series, zone: str) -> dict[str, Any]:
    """Sum and some of the library's predictions. It leaves the last row out as a marker of the end, so there is one."""
    start = np.append(series.start, series.start[-1] + np.timedelta64(1, "h"))
    energy, temperature = np.append(series.energy, np.nan), np.append(series.temperature, np.nan)
    rows = hour_frame(start, zone, temperature=temperature, observed=energy)
    model = eemeter.HourlyCaltrackModel().fit(eemeter.HourlyCaltrackBaselineData(rows, is_electricity_data=False))
    asked = hour_frame(series.start, zone, temperature=warmer(series).temperature)
    data = eemeter.HourlyCaltrackReportingData(asked.copy(), is_electricity_data=False)
    predicted = model.predict(data)["predicted"].reindex(asked.index).to_numpy()
    return {"total": predicted.sum(), "every": predicted[::EVERY].tolist()}


def main() -> None:
    """Write them."""
    with quiet():
        found = {name: reference(series, zone) for name, zone, series in traces()}
    (TESTS / "time_of_week_expected.json").write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
