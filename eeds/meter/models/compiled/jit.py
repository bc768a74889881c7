"""How everything here is compiled: as the library compiles, so that divisions by zero are numpy's, and kept on disk.

numba compiles what a function calls into it, but looks only at the function's own file to see whether what it kept is
stale. So what is kept lies in a folder of its own for each state of these files and each version of the library.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

HERE = Path(__file__).parent
config: Any = numba.config


def state_of_sources(folder: Path) -> str:
    """A name for the state of the files in a folder and the version of the library."""
    digest = hashlib.sha256(version("opendsm").encode())
    for file in sorted(folder.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def cache_base() -> Path | None:
    """Where numba keeps what it compiles: where NUMBA_CACHE_DIR says, or beside the code; None if it cannot."""
    if config.CACHE_DIR:
        return Path(config.CACHE_DIR)
    return HERE / "__pycache__" if os.access(HERE, os.W_OK) else None


BASE = cache_base()
CACHE = BASE / state_of_sources(HERE) if BASE else None


@contextmanager
def kept_in(folder: Path | None) -> Iterator[None]:
    """With numba keeping in a folder what is compiled of functions that are made meanwhile."""
    before, config.CACHE_DIR = config.CACHE_DIR, str(folder or "")
    try:
        yield
    finally:
        config.CACHE_DIR = before


def jit(function: Function) -> Function:
    """The function, compiled when it is first called; a global it reads must be set by then."""
    with kept_in(CACHE):
        compiler = numba.jit(nopython=True, error_model="numpy", cache=CACHE is not None)
        return cast(Function, compiler(function))
