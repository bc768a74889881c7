"""Which engine fits: the library, or the compiled one that finds the same numbers, bit by bit, in a small part of the
time.

The library is the definition. The compiled engine is taken only with versions that it was proven for, and a worker
proves it again before its first job (eeds.meter.models.proof).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version

log = logging.getLogger("eeds.meter")

COMPILED, LIBRARY = ENGINES = ("compiled", "library")
# The versions that the two were compared with on the buildings of tests/meter/test_meter_engines.py: the library's in
# full, of what it computes with the part that a fix does not change.
PROVEN = {"opendsm": ("1.2.7",), "numba": ("0.68",), "numpy": ("2.4",), "pandas": ("2.3",), "scipy": ("1.17", "1.18")}


@dataclass
class Choice:
    """The engine of this process, and why, if it is not the compiled one."""

    engine: str
    reason: str = ""


def unproven_versions() -> str:
    """Those that the compiled engine was not proven for."""
    found = {name: version(name) for name in PROVEN}
    return ", ".join(
        f"{name} {number}"
        for name, number in found.items()
        if not any(f"{number}.".startswith(f"{known}.") for known in PROVEN[name])
    )


def first_choice() -> Choice:
    """By versions alone."""
    unproven = unproven_versions()
    return Choice(LIBRARY, f"not proven for {unproven}") if unproven else Choice(COMPILED)


_choice = first_choice()


def engine() -> str:
    """The engine of this process."""
    return _choice.engine


def choose(engine: str, reason: str = "") -> None:
    """Make it the engine of this process, and of those forked from it."""
    global _choice
    _choice = Choice(engine, reason)
    if reason:
        log.warning("the %s fits: %s", engine, reason)


def why() -> str:
    """Why it is not the compiled one; empty if it is."""
    return _choice.reason


@contextmanager
def using(engine: str) -> Iterator[None]:
    """With another engine for a while, to compare them."""
    global _choice
    before, _choice = _choice, Choice(engine)
    try:
        yield
    finally:
        _choice = before
