"""Functions of the library with some of the names that they use meaning something else: the library's own code, and
nothing in the library changed."""

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any


def borrowed(module: ModuleType, **names: Any) -> dict[str, Any]:
    """What a module has, its functions copied so that they find one another and these names."""
    own = {**vars(module), **names}
    for name, value in vars(module).items():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__ and name not in names:
            own[name] = with_globals(value, own)
    return own


def with_globals(function: Callable[..., Any], names: dict[str, Any]) -> Callable[..., Any]:
    """A copy of a function that finds its globals in `names`."""
    assert isinstance(function, FunctionType)
    copy = FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy
