"""The explorers: pictures that explain by being touched. Each is loaded when it is first used."""

from importlib import import_module
from typing import Any

_MODULES = {
    "Classifier": "classifier",
    "ReadNumber": "read_number",
    "DesignSpace": "design_space",
    "ParameterCalculator": "parameter_calculator",
    "PixelShuffle": "pixel_shuffle",
    "ShiftTest": "shift_test",
    "Convolution": "convolution",
    "FindKernel": "find_kernel",
    "Channels": "channels",
    "ReceptiveField": "receptive_field",
    "Pooling": "pooling",
    "SmallShifts": "small_shifts",
    "WhatIsLost": "what_is_lost",
}

__all__ = [*_MODULES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'companion.explore' has no attribute {name!r}")
    return getattr(import_module(f"companion.explore.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
