"""What a worker does before its first job: import the meter and have it compiled."""

import logging
import os
import time
from importlib.util import find_spec
from pathlib import Path

from eeds.config import Settings

log = logging.getLogger("eeds.worker")


def warm_up(settings: Settings) -> None:
    """Import the meter and fit a toy model, so that jobs forked from this process start warm."""
    started = time.monotonic()
    # One process per core; a second thread for linear algebra would only fight the neighbours. Must precede numpy.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    choose_numba_cache(settings)
    from eeds.meter import models

    models.warm_up()
    log.info("meter ready after %.1f s", time.monotonic() - started)


def choose_numba_cache(settings: Settings) -> None:
    """Keep compiled code beside the package, where an image has it built in; where that is not writable, in the data
    directory."""
    spec = find_spec("opendsm")
    package = Path(spec.origin).parent if spec and spec.origin else None
    if "NUMBA_CACHE_DIR" not in os.environ and not (package and os.access(package, os.W_OK)):
        os.environ["NUMBA_CACHE_DIR"] = str(settings.data_dir / "numba")
