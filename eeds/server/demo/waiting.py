"""Waiting for something, with a sign of life on the terminal."""

import time
from collections.abc import Callable

from tqdm import tqdm

from eeds.errors import EedsError

POLL_SECONDS = 0.2


def wait(what: str, look: Callable[[], tuple[bool, str]], seconds: float, too_late: str) -> list[str]:
    """Look again and again until it is done; the different states seen on the way.

    `look` says whether it is done, and its state in a word. Raises EedsError with `too_late` after so many seconds.
    """
    deadline = time.monotonic() + seconds
    states: list[str] = []
    with tqdm(desc=what, bar_format="{desc} ({elapsed})", leave=False, disable=None) as sign:
        while True:
            done, state = look()
            if state not in states:
                states.append(state)
            if done:
                return states
            if time.monotonic() > deadline:
                raise EedsError(f"{what}: still {state} after {seconds:.0f} s. {too_late}")
            sign.set_description_str(f"{what}: {state}")
            time.sleep(POLL_SECONDS)
