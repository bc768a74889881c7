"""Progress bars; how far runs of the meter are, and waiting for them."""

import builtins
import time
from collections.abc import Mapping
from typing import Any

from tqdm import tqdm

from eeds.client.errors import StillRunning
from eeds.client.http import Http

POLL_SECONDS = 1.0
# Without tqdm's own rate and time left: the server's count also what other workers do, and begin with the first run.
BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{postfix}"

Progress = Mapping[str, Any]


def hides(progress: bool | None) -> bool | None:
    """Whether tqdm is to hide a bar. It shows one on a terminal if it is not told; a notebook is none."""
    if progress is None:
        return False if hasattr(builtins, "__IPYTHON__") else None
    return not progress


def look(http: Http, selection: Mapping[str, str]) -> Progress:
    """How far the runs are: the counts by status, as the API gives them."""
    found: Progress = http.get("project_runs/progress/", **selection)
    return found


def follow(
    http: Http, selection: Mapping[str, str], *, timeout: float | None = None, hidden: bool | None = None
) -> Progress:
    """How far the runs are when all have ended, with a progress bar until then. Raises StillRunning after `timeout`
    seconds. `hidden` hides the bar; None: where there is no terminal."""
    deadline = None if timeout is None else time.monotonic() + timeout
    found = look(http, selection)
    with tqdm(total=found["total"], desc="running the meter", bar_format=BAR, leave=False, disable=hidden) as bar:
        while found["PENDING"] + found["RUNNING"]:
            if deadline is not None and time.monotonic() >= deadline:
                raise StillRunning(not_yet(found, timeout))
            bar.set_postfix_str(outlook(found), refresh=False)
            bar.update(found["SUCCESS"] + found["FAILED"] - bar.n)
            time.sleep(POLL_SECONDS)
            found = look(http, selection)
    return found


def not_yet(found: Progress, timeout: float | None) -> str:
    """What to say when the time is over."""
    waiting = f"{found['RUNNING']} are being computed and {found['PENDING']} wait"
    return (
        f"After {timeout:g} s {waiting}, of {found['total']} runs. They go on; wait for them again. If none ever ends, "
        "see whether a worker is running: eeds doctor"
    )


def outlook(found: Progress) -> str:
    """What the bar says behind the counts."""
    failed = f"{found['FAILED']} FAILED, " if found["FAILED"] else ""
    if found["eta_seconds"] is None:
        return f"{failed}{found['RUNNING']} running"
    left = tqdm.format_interval(found["eta_seconds"])
    return f"{failed}{found['per_minute']:.0f} a minute, {left} left"
