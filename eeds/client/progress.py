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
    """Whether tqdm is to hide a bar. By default it shows one on a terminal only, and a notebook is none."""
    if progress is None:
        return False if hasattr(builtins, "__IPYTHON__") else None
    return not progress


def look(http: Http, selection: Mapping[str, Any]) -> Progress:
    """How far the runs are: the counts by status, as the API gives them."""
    progress: Progress = http.get("project_runs/progress/", **selection)
    return progress


def follow(
    http: Http, selection: Mapping[str, Any], *, timeout: float | None = None, hidden: bool | None = None
) -> Progress:
    """How far the runs are when all have ended, with a progress bar until then. Raises StillRunning after `timeout`
    seconds. `hidden` hides the bar; None: where there is no terminal."""
    deadline = None if timeout is None else time.monotonic() + timeout
    progress = look(http, selection)
    with tqdm(total=progress["total"], desc="running the meter", bar_format=BAR, leave=False, disable=hidden) as bar:
        while progress["PENDING"] + progress["RUNNING"]:
            if deadline is not None and time.monotonic() >= deadline:
                raise StillRunning(
                    f"After {timeout:g} s {progress['RUNNING']} are being computed and {progress['PENDING']} wait, of "
                    f"{progress['total']} runs. They go on; wait for them again. "
                    "If none ever ends, see whether a worker is running: eeds doctor"
                )
            bar.set_postfix_str(outlook(progress), refresh=False)
            bar.update(progress["SUCCESS"] + progress["FAILED"] - bar.n)
            time.sleep(POLL_SECONDS)
            progress = look(http, selection)
    return progress


def outlook(progress: Progress) -> str:
    """The text of the bar behind the counts: failures, rate and time left."""
    number = progress["FAILED"] - progress["cancelled"]
    failed = f"{number} FAILED, " if number else ""
    if progress["waiting"] and not progress["RUNNING"]:
        return f"{failed}waiting for {progress['waiting'][0]['waiting_for']}"
    if progress["eta_seconds"] is None:
        return f"{failed}{progress['RUNNING']} running"
    left = tqdm.format_interval(progress["eta_seconds"])
    return f"{failed}{progress['per_minute']:.0f} a minute, {left} left"
