"""Which splits of a year, by season and by working days, the library compares: its DailyModel._combinations, with the
days in arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd
from opendsm import eemeter  # type: ignore[import-untyped]
from opendsm.eemeter.models.daily import model as library  # type: ignore[import-untyped]
from opendsm.eemeter.models.daily.utilities import ellipsoid_test  # type: ignore[import-untyped]

from eeds.meter.arrays import Indexes, Mask, Numbers
from eeds.meter.models.borrowed import with_globals

SEASONS = {"su": "summer", "sh": "shoulder", "wi": "winter"}
WEEKEND_SPLIT = "weekday_weekend"
NO_SPLIT = "fw-su_sh_wi"
# The library's (_trim_combinations, ellipsoid_split_filter): days that a season of its own must have, weekend days that
# any part must have, and what is an outlier of an ellipse.
SEASON_DAYS, WEEKEND_DAYS = 30, 30 / 3.75
FEWEST_OF_ELLIPSE, OUTLIER_STD, OUTLIER_ROUNDS = 3, 3.6, 3
PAIRS = (("su", "sh"), ("su", "wi"), ("sh", "wi"))


@dataclass(frozen=True, eq=False)
class Days:
    """The days of a fit, in order of time."""

    temperature: Numbers
    observed: Numbers
    season: Indexes  # in SEASONS
    weekday: Indexes  # 1 = Monday
    groups: Mapping[str, Any]  # the library's combo_dictionary: weekdays by fw, wd, we

    @cached_property
    def weekend(self) -> Mask:
        """Those of weekends."""
        return np.isin(self.weekday, self.groups["we"])

    def part(self, name: str) -> Mask:
        """Those of a component, such as wd-su_sh: the working days of summer and shoulder."""
        seasons = [list(SEASONS).index(season) for season in name[3:].split("_")]
        return np.isin(self.season, seasons) & np.isin(self.weekday, self.groups[name[:2]])


def splits_of(days: Days, settings: Any) -> list[str]:
    """The splits that the library compares, in its order."""
    allowed = allowed_splits(days, settings.split_selection)
    weekends = dict(zip(SEASONS, np.bincount(days.season[days.weekend], minlength=len(SEASONS)), strict=True))

    def is_compared(split: str) -> bool:
        parts = [part[3:].split("_") for part in split.split("__")]
        return ("wd" not in split or allowed[WEEKEND_SPLIT]) and all(
            (len(seasons) > 1 or allowed[seasons[0]]) and sum(weekends[season] for season in seasons) >= WEEKEND_DAYS
            for seasons in parts
        )

    return [split for split in all_splits() if split == NO_SPLIT or is_compared(split)]


@cache
def all_splits() -> list[str]:
    """All that there are: what the library finds in a year that has no obstacle to any."""
    every = dict.fromkeys([*SEASONS.values(), WEEKEND_SPLIT], True)
    names = {**vars(library), "ellipsoid_split_filter": lambda *_, **__: every}
    model = eemeter.DailyModel()
    dates = pd.date_range("2015-01-01", "2015-12-31")
    days = pd.DataFrame({"observed": 1.0, "temperature": 1.0}, index=dates)
    model.df_meter, _ = model._initialize_data(days)
    return list(with_globals(eemeter.DailyModel._combinations, names)(model))


def allowed_splits(days: Days, settings: Any) -> dict[str, bool]:
    """By season, whether it may stand alone, and whether working days and weekends may be apart."""
    allowed = {
        "su": settings.allow_separate_summer,
        "sh": settings.allow_separate_shoulder,
        "wi": settings.allow_separate_winter,
        WEEKEND_SPLIT: settings.allow_separate_weekday_weekend,
    }
    if settings.reduce_splits_by_gaussian:
        apart = distinct(days, settings.reduce_splits_num_std)
        allowed = {name: allowed[name] and apart[name] for name in allowed}
    counts = np.bincount(days.season, minlength=len(SEASONS))
    return allowed | {name: allowed[name] and count >= SEASON_DAYS for name, count in zip(SEASONS, counts, strict=True)}


def distinct(days: Days, deviations: Any) -> dict[str, bool]:
    """Whether the ellipses of seasons, and of working days and weekends, lie apart (ellipsoid_split_filter)."""
    ellipses = {
        f"{week}-{season}": ellipse(days, (days.season == number) & (days.weekend == weekend), deviations)
        for number, season in enumerate(SEASONS)
        for weekend, week in enumerate(("wd", "we"))
    }

    @cache
    def apart(one: str, other: str) -> bool:
        # in the library's order and once each, for a test changes a covariance that has a zero
        mine, others = ellipses[one], ellipses[other]
        if mine is None or others is None:
            return True
        return not ellipsoid_test.ellipsoid_intersection_test(mine[0], others[0], mine[1], others[1])

    def seasons_apart(one: str, other: str) -> bool:
        return apart(f"wd-{one}", f"wd-{other}") or apart(f"we-{one}", f"we-{other}")

    found = {pair: seasons_apart(*pair) for pair in PAIRS}
    by_season = {season: all(found[pair] for pair in PAIRS if season in pair) for season in SEASONS}
    return by_season | {WEEKEND_SPLIT: any(apart(f"wd-{season}", f"we-{season}") for season in SEASONS)}


def ellipse(days: Days, there: Mask, deviations: Any) -> tuple[Numbers, Numbers] | None:
    """Mean and covariance of temperature and energy without outliers; None of too few days, or equal ones."""
    temperature, observed = days.temperature[there], days.observed[there]
    if len(temperature) < FEWEST_OF_ELLIPSE:
        return None
    variance = np.ones([2, 2]) * deviations**2 if isinstance(deviations, float) else np.outer(deviations, deviations)
    order = temperature.argsort(kind="quicksort")  # as pandas sorts
    mean, spread, *_ = ellipsoid_test.robust_confidence_ellipse(
        temperature[order], observed[order], variance, outlier_std=OUTLIER_STD, N=OUTLIER_ROUNDS
    )
    return None if mean is None else (mean, spread)
