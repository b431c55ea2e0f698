"""The explorers: pictures that explain by being touched. Each is loaded when it is first used."""

import re
from importlib import import_module
from typing import Any

from companion.explore.presets import PRESETS

EXPLORERS = (
    "Channels",
    "Classifier",
    "Convolution",
    "DesignSpace",
    "FindKernel",
    "Flatten",
    "ParameterCalculator",
    "PixelShuffle",
    "Pooling",
    "ReadNumber",
    "ReceptiveField",
    "ShiftTest",
    "SmallShifts",
    "WhatIsLost",
)

__all__ = ["PRESETS", *EXPLORERS]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in EXPLORERS:
        raise AttributeError(f"module 'companion.explore' has no attribute {name!r}")
    return getattr(import_module(f"companion.explore.{folder_of(name)}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def folder_of(name: str) -> str:
    """Where an explorer lies: ReadNumber in read_number."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
