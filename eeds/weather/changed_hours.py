"""Which hours of a station another version of a year changes for whoever reads them."""

from datetime import datetime

import numpy as np

from eeds.weather.gaps import Series
from eeds.weather.series import FILLED_HOURS
from eeds.weather.years import HOUR, first_hour, instant_of

Span = tuple[datetime, datetime]


def changed_hours(year: int, before: Series | None, after: Series) -> Span | None:
    """The first and the last instant of which a temperature is another one, None if none is; degF, NaN = missing.

    A year comes from one source: the first observation of one (`before` is None or has none) changes all of it. A gap
    is filled from the hours around it.
    """
    if before is None or np.isnan(before).all():
        changed = np.arange(after.size if not np.isnan(after).all() else 0)
    else:
        changed = np.flatnonzero(~((before == after) | (np.isnan(before) & np.isnan(after))))
    if not changed.size:
        return None
    begin, end = changed[0] - FILLED_HOURS, changed[-1] + 1 + FILLED_HOURS
    return instant_of(first_hour(year) + begin * HOUR), instant_of(first_hour(year) + end * HOUR)
