"""Functions, classes and exceptions that both processes know: they cross by module and name."""

import builtins
import importlib
import sys
import types
from typing import Any

from autograder.wire.protocol import SIMPLE

_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, type)
_NOT_THERE = ("__main__", "autograder")  # modules, with what is in them, that only one of the two has


def describe(value: Any) -> list[Any] | None:
    """Module, name and, of an exception of Python's own, what it was made with; None for what is not to be found so."""
    if isinstance(value, BaseException):
        kind = type(value)
        known = getattr(builtins, kind.__name__, None) is kind and all(type(each) in SIMPLE for each in value.args)
        return ["builtins", kind.__name__, list(value.args)] if known else None
    if isinstance(value, _FUNCTIONS) or type(value).__name__ in ("ufunc", "_ArrayFunctionDispatcher"):
        module, name = getattr(value, "__module__", None) or "numpy", getattr(value, "__qualname__", value.__name__)
        if module.partition(".")[0] not in _NOT_THERE and _found(sys.modules.get(module), name) is value:
            return [module, name]
    return None


def builtin_exception(kind: type[BaseException]) -> str:
    """The name of the nearest built-in class that is an Exception: SystemExit and its like become an ordinary error."""
    for base in kind.__mro__:
        if base.__module__ == "builtins" and issubclass(base, Exception):
            return base.__name__
    return "RuntimeError"


def known_class(module: Any, name: Any) -> type | None:
    """The class of that name in a module that is imported here already; None where there is none."""
    if type(module) is not str or type(name) is not str or module.partition(".")[0] in _NOT_THERE:
        return None
    found = _found(sys.modules.get(module), name)
    return found if isinstance(found, type) else None


def find(module: str, name: str, made_with: list[Any] | None = None) -> Any:
    """What was described. Raises ImportError or AttributeError where it is not there."""
    value = _found(importlib.import_module(module), name)
    if value is None:
        raise AttributeError(name)
    return value if made_with is None else value(*made_with)


def _found(module: Any, name: str) -> Any:
    for part in name.split("."):
        module = getattr(module, part, None)
    return module
