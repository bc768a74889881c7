"""What `script/bench accuracy` prints: bias, error and coverage of each model, and which one is best for what."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from bench.accuracy import Outcome

LINE = ["generator", "fuel", "readings", "model"]
BUILDING = ["generator", "fuel", "readings", "source", "seed"]


def as_json(outcome: "Outcome") -> str:
    """An outcome; null where a model refused, or nothing is known of the truth."""
    row = asdict(outcome)
    for what in ("metered", "normalized"):
        if row[what] is not None and np.isnan(row[what]["error"]):
            row[what] = None
    return json.dumps(row)


def print_tables(outcomes: "Sequence[Outcome]") -> None:
    """By generator, fuel, readings and model; then which model is best for which fuel and readings."""
    frame = frame_of(outcomes)
    pd.set_option("display.width", 250, "display.max_rows", None, "display.max_columns", None)
    print("\nErrors in percent of what would have been used; +- one standard error (cases of one meter count once)")
    print("cover: percent of the 95 % intervals that hold the truth; width: their median half width\n")
    print(by_model(frame).to_string(index=False))
    print("\nMean absolute error of metered savings, all buildings, generators of equal weight; behind = how much more")
    print("than the best model of the line, of the same buildings, +- one standard error\n")
    print(pd.DataFrame(comparisons(frame)).to_string(index=False))


def frame_of(outcomes: "Sequence[Outcome]") -> pd.DataFrame:
    """A row an outcome, NaN where there is no finding."""
    rows = []
    for outcome in outcomes:
        row = {key: value for key, value in asdict(outcome).items() if key not in ("metered", "normalized")}
        for what, finding in (("metered", outcome.metered), ("normalized", outcome.normalized)):
            error, lower, upper = astuple(finding) if finding else (np.nan, np.nan, np.nan)
            row[what], row[f"{what}_width"], row[f"{what}_held"] = error, (lower + upper) / 2, -upper <= error <= lower
        rows.append({**row, "refused": outcome.metered is None})
    return pd.DataFrame(rows)


def by_model(frame: pd.DataFrame) -> pd.DataFrame:
    """A line for each generator, fuel, kind of readings and model."""
    lines = []
    for key, rows in frame.groupby(LINE, sort=False):
        treated, placebo = rows[rows.treated], rows[~rows.treated]
        lines.append(
            {
                **dict(zip(LINE, key, strict=True)),
                "refused": int(rows.refused.sum()),
                **errors_of(treated, "metered", ""),
                **errors_of(treated, "normalized", "normal "),
                **errors_of(placebo, "metered", "placebo "),
                "CPU ms": round(1000 * rows.seconds.mean()),
            }
        )
    order = [list(dict.fromkeys(frame[column])) for column in LINE[:3]]
    return pd.DataFrame(lines).sort_values(
        LINE, key=lambda column: column.map(order[LINE.index(column.name)].index) if column.name in LINE[:3] else column
    )


def errors_of(rows: pd.DataFrame, what: str, prefix: str) -> dict[str, str | float]:
    """Bias, mean absolute error, coverage in percent and median half width."""
    known = rows[rows[what].notna()]
    error, source = known[what], known.source
    if error.empty:
        return {f"{prefix}{name}": "" for name in ("bias", "MAE", "cover", "width")}
    return {
        f"{prefix}bias": with_error(error, source),
        f"{prefix}MAE": with_error(error.abs(), source),
        f"{prefix}cover": round(100 * float(known[f"{what}_held"].mean())),
        f"{prefix}width": round(float(known[f"{what}_width"].median()), 1),
    }


def with_error(values: "pd.Series[float]", source: "pd.Series[str]") -> str:
    """A mean with its standard error."""
    return f"{values.mean():.2f}+-{standard_error(values, source):.2f}"


def standard_error(values: "pd.Series[float]", source: "pd.Series[str]") -> float:
    """Of the mean of values that are independent from source to source only; NaN for one source."""
    sums = (values - values.mean()).groupby(source.to_numpy()).sum()
    count = len(sums)
    return float(np.sqrt((sums**2).sum() * count / (count - 1)) / len(values)) if count > 1 else np.nan


def comparisons(frame: pd.DataFrame) -> Iterator[dict[str, str]]:
    """For each fuel and kind of readings, each model's error and how much it is behind the best, best first; buildings
    that any model refused are left out."""
    for (fuel, readings), rows in frame.groupby(["fuel", "readings"], sort=False):
        errors = rows.assign(error=rows.metered.abs()).pivot(index=BUILDING, columns="model", values="error").dropna()
        if errors.empty:
            continue
        means = errors.groupby(level="generator").mean().mean().sort_values()
        best = means.index[0]
        for model in means.index:
            behind = errors[model] - errors[best]
            yield {
                "fuel": str(fuel),
                "readings": str(readings),
                "model": str(model),
                "MAE": f"{means[model]:.2f}",
                "behind": "" if model == best else "{:.2f}+-{:.2f}".format(*mean_of_generators(behind)),
                **{
                    str(name): f"{values.mean():.2f}"
                    for name, values in errors[model].groupby(level="generator", sort=False)
                },
            }


def mean_of_generators(values: "pd.Series[float]") -> tuple[float, float]:
    """The mean, generators of equal weight, and its standard error."""
    each = [part for _, part in values.groupby(level="generator")]
    errors = [standard_error(part, part.index.get_level_values("source").to_series()) for part in each]
    return float(np.mean([part.mean() for part in each])), float(np.sqrt(np.sum(np.square(errors))) / len(each))
