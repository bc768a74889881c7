"""How everything here is compiled: as the library compiles, so that divisions by zero are numpy's, and kept on disk."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

compiler = numba.jit(nopython=True, error_model="numpy", cache=True)


def jit(function: Function) -> Function:
    """The function, compiled when it is first called; a global it reads must be set by then."""
    return cast(Function, compiler(function))
