"""Waiting for something, with a sign of life on the terminal."""

import time
from types import TracebackType

from tqdm import tqdm

from eeds.errors import EedsError

POLL_SECONDS = 0.2


class Waiting:
    """A block in which something is waited for: call pause() as long as it is not done.

    `states` has the different states seen on the way, in order.
    """

    def __init__(self, what: str, seconds: float, too_late: str) -> None:
        self.what, self.seconds, self.too_late = what, seconds, too_late
        self.deadline = time.monotonic() + seconds
        self.states: list[str] = []
        self.sign = tqdm(desc=what, bar_format="{desc} ({elapsed})", leave=False, disable=None)

    def __enter__(self) -> "Waiting":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.sign.close()

    def pause(self, state: str) -> None:
        """Show the state, a word, and sleep a little. Raises EedsError with `too_late` once the time is over."""
        if state not in self.states:
            self.states.append(state)
        if time.monotonic() > self.deadline:
            raise EedsError(f"{self.what}: still {state} after {self.seconds:.0f} s. {self.too_late}")
        self.sign.set_description_str(f"{self.what}: {state}")
        time.sleep(POLL_SECONDS)
