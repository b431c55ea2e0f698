"""CNN Companion: what the notebooks of the course import.

Importing this package loads nothing heavy; each name below is loaded when it is first used.
"""

from importlib import import_module
from typing import Any

from companion.quiet import quieten_tensorflow

__version__ = "0.1.0"

quieten_tensorflow()

_FUNCTIONS = {
    "ask": "companion.questions",
    "ask_number": "companion.questions",
    "answered": "companion.questions",
    "checkpoint": "companion.questions",
    "hand_in": "companion.questions",
    "predict": "companion.questions",
    "self_test": "companion.questions",
    "tally": "companion.questions",
    "start_anew": "companion.widgets.kept",
}
_MODULES = {"arithmetic", "check", "data", "explore", "figures", "layers", "questions", "toys", "training", "zoo"}

__all__ = [*_FUNCTIONS, *_MODULES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        return getattr(import_module(_FUNCTIONS[name]), name)
    if name in _MODULES:
        return import_module(f"companion.{name}")
    raise AttributeError(f"module 'companion' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
