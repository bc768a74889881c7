"""What eemeter 3.2.0, the last library with CalTRACK's usage per day methods, makes of some traces; run by
tools/record_caltrack.py with a Python that has it: pip install eemeter==3.2.0 "pandas<2" "numpy<1.24"."""

import json
import sys
from pathlib import Path

import eemeter
import numpy as np
import pandas as pd

START = pd.Timestamp("2014-01-01", tz="UTC")
BALANCE_POINTS = range(30, 91)


def hours(temperature):
    """Hourly temperatures as the library takes them."""
    return pd.Series(temperature, pd.date_range(START, periods=len(temperature), freq="H"))


def design(edges, energy, temperature, billing):
    """The library's design matrix. It pairs bills with no more than 35 days of temperatures; with the 70 that CalTRACK
    2.2.3.5 allows bimonthly ones these are whole."""
    index = pd.DatetimeIndex([START + pd.Timedelta(days=int(day)) for day in edges])
    meter = pd.DataFrame({"value": np.append(energy, np.nan)}, index=index)
    if not billing:
        meter.index.freq = "D"
        return eemeter.create_caltrack_daily_design_matrix(meter, hours(temperature))
    features = eemeter.compute_temperature_features(
        index,
        hours(temperature),
        heating_balance_points=BALANCE_POINTS,
        cooling_balance_points=BALANCE_POINTS,
        data_quality=True,
        tolerance=pd.Timedelta("70D"),
    )
    usage = eemeter.compute_usage_per_day_feature(meter, series_name="meter_value")
    return eemeter.merge_features([usage, features])


def reference(edges, energy, temperature, asked, cools, billing):
    """The model that the library selects, and the sum of its predictions for days of other temperatures."""
    fitted = eemeter.fit_caltrack_usage_per_day_model(
        design(edges, energy, temperature, billing),
        fit_cdd=cools,
        use_billing_presets=billing,
        weights_col="n_days_kept" if billing else None,
    )
    if fitted.model is None:
        return {"status": fitted.status}
    days = len(asked) // 24
    predicted = fitted.model.predict(
        pd.date_range(START, periods=days + 1, freq="D"), hours(asked), with_disaggregated=False
    ).result.predicted_usage.to_numpy()[:-1]
    return {
        "status": fitted.status,
        "model_type": fitted.model.model_type,
        **fitted.model.model_params,
        "r_squared_adj": fitted.r_squared_adj,
        "total": predicted.sum(),
    }


def main():
    """Read the traces, write what the library makes of them."""
    inputs, output = sys.argv[1:]
    found = {}
    with np.load(inputs) as arrays:
        for number, (name, cools, billing) in enumerate(json.loads(str(arrays["names"]))):
            parts = (arrays[f"{number}_{part}"] for part in ("edges", "energy", "temperature", "asked"))
            found[name] = reference(*parts, cools=cools, billing=billing)
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(each)}" for name, each in found.items())
    Path(output).write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
