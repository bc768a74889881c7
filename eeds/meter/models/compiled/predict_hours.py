"""What a fitted hourly model of the library predicts, without its tables: the features by their names in numpy."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from opendsm.eemeter.models.hourly import model as library  # type: ignore[import-untyped]
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from eeds.meter.arrays import Indexes, Numbers
from eeds.meter.models.compiled.hour_table import HOURS, DayHour, LocalDays, by_day, days_from

INTERACTION = re.compile(r"temporal_cluster_(?P<cluster>\d+)_temp_bin_(?P<bin>\d+)_interact(?P<slope>_ts)?")
BIN = re.compile(r"temp_bin_(?P<bin>\d+)(?P<kind>|_ts|_pos_exp_ts|_neg_exp_ts)")
CLUSTER = re.compile(r"temporal_cluster_(?P<cluster>\d+)")


def predict_hours(model: Any, local: pd.DatetimeIndex, temperature: Numbers) -> Numbers | None:
    """The energy of the hours of whole, consecutive local days; None if they are not of the kind that this is made
    for."""
    days = days_of(local)
    if days is None or np.isnan(temperature).any() or not knows_all(model):
        return None
    clusters = clusters_of(model, local)
    if clusters is None:
        return None
    feature = features_of(model, clusters, temperature)
    series = by_day(np.column_stack([feature(name) for name in model._ts_feature_norm]).astype(np.float64), days)
    first = np.column_stack([feature(name)[days.begin] for name in model._categorical_features])
    matrix = csr_matrix(np.concatenate((series, first), axis=1).astype(float))
    predicted = model._y_scaler.inverse_transform(model._model.predict(matrix)).flatten()
    return library._transform_dst(predicted, (days.missing, days.twice))


def knows_all(model: Any) -> bool:
    """Whether the model is of temperatures alone, and all its features are of those known here; one that was read from
    its JSON has no names for them yet."""
    if not model._ts_feature_norm:
        return False
    names = (*model._ts_feature_norm, *model._categorical_features)
    kinds = (INTERACTION, BIN, CLUSTER)
    return list(model._ts_features) == ["temperature"] and all(
        any(kind.fullmatch(name) for kind in kinds) for name in names
    )


def days_of(local: pd.DatetimeIndex) -> LocalDays | None:
    """The days of consecutive hours, if all are whole; clocks change by an hour."""
    date, hour = local.tz_localize(None).normalize().to_numpy(), local.hour.to_numpy()
    begin = np.append(0, np.flatnonzero(date[1:] != date[:-1]) + 1)
    length = np.diff(np.append(begin, len(date)))
    if hour[0] != 0 or hour[-1] != HOURS - 1 or np.any(np.diff(date[begin]) != np.timedelta64(1, "D")):
        return None
    missing: list[DayHour] = []
    twice: list[DayHour] = []
    for day in np.flatnonzero(length != HOURS).tolist():
        times = np.bincount(hour[begin[day] : begin[day] + length[day]], minlength=HOURS)
        odd = np.flatnonzero(times != 1)
        if len(odd) != 1 or times[odd[0]] not in (0, 2):
            return None
        (missing if times[odd[0]] == 0 else twice).append((day, int(odd[0])))
    return days_from(begin, len(date), missing, twice)


def clusters_of(model: Any, local: pd.DatetimeIndex) -> Indexes | None:
    """The temporal cluster of each hour, by month and weekday; None if one of them has none."""
    known = model._df_temporal_clusters["temporal_cluster"]
    if known.isna().any() or list(known.index.names) != ["month", "day_of_week"]:
        return None
    months, weekdays = known.index.to_frame().to_numpy().T
    cluster = np.full((13, 7), -1)
    cluster[months, weekdays] = known.to_numpy()
    found = cluster[local.month.to_numpy(), local.dayofweek.to_numpy()]
    return found if np.all(found >= 0) else None


def features_of(model: Any, cluster: Indexes, temperature: Numbers) -> Callable[[str], Any]:
    """A function from the library's name of a feature to its values."""
    bins = np.searchsorted(model._T_bin_edges, temperature, side="left") - 1
    norm = model._feature_scaler.transform(temperature.reshape(-1, 1))[:, 0]

    @cache
    def feature(name: str) -> Any:
        if found := INTERACTION.fullmatch(name):
            there = (bins == int(found["bin"])) * (cluster == int(found["cluster"]))
            return model.settings.interaction_scalar * norm * there if found["slope"] else there
        if found := BIN.fullmatch(name):
            return bin_feature(model, int(found["bin"]), found["kind"], bins, norm)
        found = CLUSTER.fullmatch(name)
        assert found is not None, name
        return cluster == int(found["cluster"])

    return feature


def bin_feature(model: Any, number: int, kind: str, bins: Indexes, norm: Numbers) -> Any:
    """Whether it is in a bin of temperatures, how warm it is there, or that bent by an exponential."""
    there = bins == number
    if kind == "":
        return there
    if kind == "_ts":
        return norm * there
    c = model._T_edge_bin_coeffs[number]
    bent = np.where(there, c["t_a"] * (norm * there) + c["t_b"], 0)
    sign = -1 if kind.startswith("_neg") else 1
    return np.where(there, c["a"] * np.exp(sign / c["k"] * bent) - c["a"], 0)
