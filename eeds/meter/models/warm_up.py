"""What a process does once, so that a fit in it, or in a process forked from it, compiles nothing."""

from eeds.meter.models.daily import DailyModel
from eeds.meter.models.engine import COMPILED, LIBRARY, choose, engine
from eeds.meter.models.toy import toy
from eeds.meter.series import FitFacts
from eeds.meter.settings import MeterSettings


def warm_up(*, library: bool = False) -> None:
    """Choose the engine, `library` or the one that is proven, and fit a toy model, so that numba has compiled what a
    fit needs: a process forked from this one does not pay for it again. Compiled code is kept on disk where
    NUMBA_CACHE_DIR says."""
    if library:
        choose(LIBRARY)
    if engine() == COMPILED:
        from eeds.meter.models.proof import prove  # knows only the versions that the compiled engine was proven for

        prove()
    series = toy()
    DailyModel.fit(series, MeterSettings(ignore_disqualification=True), FitFacts(is_electricity=True)).predict(series)
